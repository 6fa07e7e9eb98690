//! Opening files: what each broken file is called, and what an open file tells.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use spillway::error::ErrorCode;
use spillway::files::file::ParquetFile;
use spillway::source::IoMode;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus");

fn batch(rows: i64) -> RecordBatch {
    let id: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows));
    let name: ArrayRef = Arc::new(StringArray::from_iter_values((0..rows).map(|row| format!("name {row}"))));
    RecordBatch::try_from_iter([("id", id), ("name", name)]).expect("batch")
}

fn parquet_bytes(properties: WriterProperties) -> Vec<u8> {
    let batch = batch(1000);
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).expect("writer");
    writer.write(&batch).expect("write");
    writer.close().expect("close");
    bytes
}

fn open(folder: &Path, bytes: &[u8]) -> spillway::error::Result<ParquetFile> {
    let path = folder.join("data.parquet");
    std::fs::write(&path, bytes).expect("write");
    let path = path.to_str().expect("UTF-8");
    let mapped = ParquetFile::open(path, IoMode::Mmap);
    let read = ParquetFile::open(path, IoMode::Read);
    assert_eq!(mapped.as_ref().err().map(ToString::to_string), read.as_ref().err().map(ToString::to_string));
    mapped
}

/// A file whose magic numbers are right and whose footer is `footer`.
fn framed(footer: &[u8]) -> Vec<u8> {
    let length = (footer.len() as u32).to_le_bytes();
    [b"PAR1", footer, &length, b"PAR1"].concat()
}

#[test]
fn an_open_file_has_schema_metadata_and_an_offset_index_on_demand() {
    let folder = tempfile::tempdir().expect("folder");
    let properties = WriterProperties::builder().set_data_page_row_count_limit(100).set_write_batch_size(50).build();
    let file = open(folder.path(), &parquet_bytes(properties)).expect("open");
    assert_eq!(file.schema.field(0).data_type(), &DataType::Int64);
    assert_eq!((file.schema.field(1).name().as_str(), file.metadata.num_row_groups()), ("name", 1));
    file.check_supported(&[0, 1]).expect("supported");
    assert!(file.metadata.page_index().is_none() && file.loaded_offset_index().is_none());
    let indexed = file.offset_index().expect("index");
    let page_index = indexed.page_index().expect("index");
    assert_eq!(page_index.offset_index(0, 0).expect("of the first column").page_locations().len(), 10);
    assert!(Arc::ptr_eq(file.loaded_offset_index().expect("loaded"), &indexed));
}

#[test]
fn a_file_without_an_offset_index_or_with_a_broken_one_has_none() {
    let folder = tempfile::tempdir().expect("folder");
    let none = WriterProperties::builder().set_offset_index_disabled(true);
    let none = none.set_statistics_enabled(parquet::file::properties::EnabledStatistics::None).build();
    assert!(open(folder.path(), &parquet_bytes(none)).expect("open").offset_index().is_none());
    let mut bytes = parquet_bytes(WriterProperties::default());
    let file = open(folder.path(), &bytes).expect("open");
    let start = file.metadata.row_group(0).column(0).offset_index_offset().expect("offset") as usize;
    bytes[start..start + 4].fill(0xff);
    let file = open(folder.path(), &bytes).expect("open");
    assert!(file.offset_index().is_none());
}

#[test]
fn what_is_no_parquet_file_is_told_apart_from_what_was_cut_off() {
    let folder = tempfile::tempdir().expect("folder");
    let code = |bytes: &[u8]| open(folder.path(), bytes).expect_err("broken").code();
    let whole = parquet_bytes(WriterProperties::default());
    assert_eq!(code(b""), ErrorCode::EmptyFile);
    assert_eq!(code(b"a,b\n1,2\n"), ErrorCode::NotParquet);
    assert_eq!(code(&[b'x'; 100]), ErrorCode::NotParquet);
    assert_eq!(code(b"PAR1"), ErrorCode::TruncatedFile);
    assert_eq!(code(b"PAR1PAR1"), ErrorCode::TruncatedFile);
    for length in [12, 100, whole.len() / 2, whole.len() - 1] {
        assert_eq!(code(&whole[..length]), ErrorCode::TruncatedFile, "{length} bytes");
    }
    let last = whole.len() - 200;
    assert_eq!(code(&whole[last..]), ErrorCode::TruncatedFile);
    let missing = ParquetFile::open(folder.path().join("no.parquet").to_str().expect("UTF-8"), IoMode::Mmap);
    assert_eq!(missing.expect_err("missing").code(), ErrorCode::FileNotFound);
}

#[test]
fn a_corrupt_footer_is_an_error_with_the_path_and_the_cause() {
    let folder = tempfile::tempdir().expect("folder");
    let error = open(folder.path(), &framed(&[0x15, 0x02, 0x00])).expect_err("no schema");
    assert_eq!(error.code(), ErrorCode::CorruptFile);
    assert!(error.path().is_some_and(|path| path.ends_with("data.parquet")) && error.cause().is_some());
    for footer in [&[][..], &[0xff; 50], &[0x19, 0xfc, 0xff, 0xff, 0xff, 0x7f], &[0; 20]] {
        assert_eq!(open(folder.path(), &framed(footer)).expect_err("corrupt").code(), ErrorCode::CorruptFile);
    }
}

#[test]
fn an_encrypted_footer_is_told_by_its_magic_number() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = [b"PARE", &[1; 40][..], &40_u32.to_le_bytes(), b"PARE"].concat();
    assert_eq!(open(folder.path(), &bytes).expect_err("encrypted").code(), ErrorCode::EncryptedFile);
}

#[test]
fn columns_that_cannot_be_read_are_named() {
    let folder = tempfile::tempdir().expect("folder");
    let properties = WriterProperties::builder().set_compression(Compression::UNCOMPRESSED).build();
    let mut bytes = parquet_bytes(properties);
    // The footer's chunk of `id`: codec, then its number of values.
    let footer =
        bytes.len() - 8 - u32::from_le_bytes(bytes[bytes.len() - 8..][..4].try_into().expect("4 bytes")) as usize;
    let path =
        bytes[footer..].windows(5).position(|part| part == [0x19, 0x18, 0x02, b'i', b'd']).expect("path in schema");
    let codec = footer + path + 6;
    assert_eq!(bytes[codec - 1..=codec], [0x15, 0x00], "the codec follows the path");
    bytes[codec] = 3 << 1;
    let file = open(folder.path(), &bytes).expect("open");
    file.check_supported(&[1]).expect("the other column is fine");
    let error = file.check_supported(&[1, 0]).expect_err("LZO");
    assert_eq!((error.code(), error.column(), error.row_group()), (ErrorCode::UnsupportedFeature, Some("id"), Some(0)));
    assert!(error.to_string().contains("LZO"), "{error}");
}

#[test]
fn every_change_of_a_footer_gives_a_file_or_an_error() {
    let folder = tempfile::tempdir().expect("folder");
    let whole = parquet_bytes(WriterProperties::default());
    let footer =
        whole.len() - 8 - u32::from_le_bytes(whole[whole.len() - 8..][..4].try_into().expect("4 bytes")) as usize;
    // Thousands of panics are caught here, and to print each would take most of the test's time.
    let this = std::thread::current().id();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().id() != this {
            eprintln!("{panic}");
        }
    }));
    for position in footer..whole.len() - 8 {
        for value in [0x00, 0xff, whole[position] ^ 0x10] {
            let mut bytes = whole.clone();
            bytes[position] = value;
            if let Ok(file) = open(folder.path(), &bytes) {
                let leaves: Vec<usize> = (0..file.metadata.file_metadata().schema_descr().num_columns()).collect();
                let _ = file.check_supported(&leaves);
                let _ = file.offset_index();
            }
        }
    }
}

#[test]
fn the_corpus_opens_as_its_manifest_says() {
    let Ok(manifest) = std::fs::read_to_string(format!("{CORPUS}/manifest.json")) else {
        eprintln!("skipped: there is no corpus beside the repository");
        return;
    };
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    for entry in manifest["files"].as_array().expect("files") {
        let path = format!("{CORPUS}/{}", entry["path"].as_str().expect("path"));
        let opened = ParquetFile::open(&path, IoMode::Mmap).and_then(|file| {
            let leaves: Vec<usize> = (0..file.metadata.file_metadata().schema_descr().num_columns()).collect();
            file.check_supported(&leaves).map(|()| file)
        });
        let cannot = entry["pyarrow_cannot"].as_str().unwrap_or_default();
        match opened {
            Ok(file) => {
                assert!(cannot != "encrypted", "{path} is encrypted");
                let rows = entry["rows"].as_i64();
                let same = rows == Some(file.metadata.file_metadata().num_rows());
                assert!(same || entry["expect"].as_str() != Some("read"), "{path}");
            }
            Err(error) => {
                assert_ne!(entry["expect"].as_str(), Some("read"), "{error} {:?}", error.cause());
                assert_eq!(error.code() == ErrorCode::EncryptedFile, cannot == "encrypted", "{path}: {error}");
                eprintln!("{path}: {} {error} {:?}", error.code().as_str(), error.cause());
            }
        }
    }
}
