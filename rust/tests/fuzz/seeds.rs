//! Sound files to change: written here in every way that the writers know, or read from the folders of fixtures.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use arrow_array::RecordBatch;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{DictionaryHandling, FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::{Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};

use crate::random::Random;
use crate::{generate, kinds};

/// Larger files take long to read, and are no more hostile.
const LARGEST: u64 = 130_000;
const FOLDERS: [&str; 4] = [
    concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/generated"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus/data"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus/bad_data"),
];

/// Rows of a few columns of any types.
pub fn batch(random: &mut Random) -> RecordBatch {
    let pool = match random.below(4) {
        0 => kinds::types(),
        1 => kinds::strings(),
        _ => kinds::nested(),
    };
    batch_of(&pool, random)
}

fn batch_of(pool: &[Field], random: &mut Random) -> RecordBatch {
    let rows = if random.one_in(20) { 0 } else { 1 + random.below(120) };
    let count = 1 + random.below(5);
    let mut fields: Vec<Field> = Vec::new();
    for _ in 0..count {
        let field = random.one_of(pool);
        if fields.iter().all(|other| other.name() != field.name()) {
            fields.push(field);
        }
    }
    let seed = random.next();
    let columns = fields.iter().map(|field| generate::array(field, rows, seed).expect("values")).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).expect("columns of one length")
}

/// A Parquet file, written here as a rule.
pub fn parquet(random: &mut Random) -> Vec<u8> {
    if random.one_in(4)
        && let Some(file) = stored(&["parquet", "encrypted"], random)
    {
        return file;
    }
    let rows = 1 + random.below(60);
    let mut properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(rows))
        .set_data_page_row_count_limit(1 + random.below(40))
        .set_write_batch_size(1 + random.below(20))
        .set_dictionary_enabled(random.one_in(2))
        .set_dictionary_page_size_limit(random.one_of(&[20, 200, 100_000]))
        .set_bloom_filter_enabled(random.one_in(4))
        .set_statistics_enabled(random.one_of(&[
            EnabledStatistics::Page,
            EnabledStatistics::Page,
            EnabledStatistics::Chunk,
            EnabledStatistics::None,
        ]))
        .set_write_page_header_statistics(random.one_in(4))
        .set_writer_version(random.one_of(&[WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0]))
        .set_compression(random.one_of(&[
            Compression::UNCOMPRESSED,
            Compression::UNCOMPRESSED,
            Compression::SNAPPY,
            Compression::SNAPPY,
            Compression::ZSTD(ZstdLevel::default()),
            Compression::GZIP(GzipLevel::default()),
            Compression::BROTLI(BrotliLevel::try_new(1).expect("level")),
            Compression::LZ4,
            Compression::LZ4_RAW,
        ]));
    if random.one_in(6) {
        properties = properties.set_statistics_enabled(EnabledStatistics::None).set_offset_index_disabled(true);
    }
    // Decimals of bytes by others are read in another way.
    if random.one_in(2) {
        properties = properties.set_created_by("another writer".into());
    }
    let batch = if random.one_in(4) {
        properties = kinds::encodings(properties);
        batch_of(&kinds::encoded(), random)
    } else {
        batch(random)
    };
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties.build())).expect("writer");
    writer.write(&batch).expect("written");
    writer.into_inner().expect("closed")
}

/// An Arrow IPC file or stream.
pub fn arrow(random: &mut Random) -> Vec<u8> {
    if random.one_in(10)
        && let Some(file) = stored(&["arrow", "arrows"], random)
    {
        return file;
    }
    let batch = batch(random);
    let codec = random.one_of(&[None, None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)]);
    let options = IpcWriteOptions::default().try_with_compression(codec).expect("codec");
    let options =
        options.with_dictionary_handling(random.one_of(&[DictionaryHandling::Resend, DictionaryHandling::Delta]));
    let half = batch.num_rows() / 2;
    let parts = [batch.slice(0, half), batch.slice(half, batch.num_rows() - half)];
    if random.one_in(2) {
        let mut writer = StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).expect("writer");
        for part in &parts {
            writer.write(part).expect("written");
        }
        writer.finish().expect("end");
        return writer.into_inner().expect("bytes");
    }
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options).expect("writer");
    // Not every dictionary can be written twice to a file.
    let _ = writer.write(&parts[0]).and_then(|()| writer.write(&parts[1]));
    writer.finish().expect("end");
    writer.into_inner().expect("bytes")
}

/// A file of the folders of fixtures.
fn stored(extensions: &[&str], random: &mut Random) -> Option<Vec<u8>> {
    static FILES: OnceLock<Vec<String>> = OnceLock::new();
    let files = FILES.get_or_init(|| {
        let mut files: Vec<String> = FOLDERS.iter().flat_map(|folder| small_files(Path::new(folder))).collect();
        files.sort();
        files
    });
    let is_wanted = |path: &&String| extensions.iter().any(|extension| path.ends_with(&format!(".{extension}")));
    let wanted: Vec<&String> = files.iter().filter(is_wanted).collect();
    std::fs::read(wanted.get(random.below(wanted.len()))?).ok()
}

fn small_files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let small = entries.filter(|entry| entry.metadata().is_ok_and(|facts| facts.is_file() && facts.len() < LARGEST));
    let paths = small.map(|entry| entry.path().to_string_lossy().into_owned());
    // A sound file of two gigabytes of text, which would fill the memory of whoever changes it.
    paths.filter(|path| !path.contains("large_string_map")).collect()
}
