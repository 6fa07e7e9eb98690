//! Files and pages that tests of readers read.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, make_array};
use arrow_buffer::{BooleanBuffer, Buffer};
use arrow_data::ArrayData;
use arrow_schema::{DataType, Field, Schema};
use arrow_select::concat::concat;
use arrow_select::filter::filter;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::array_reader::ArrayReader;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageIterator, PageReader};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::FilePageIterator;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::schema::types::ColumnDescPtr;

use super::WriteRecords;
use crate::batches::column::{Column, ColumnBuffer, ColumnBuilder};
use crate::batches::pool::BufferPool;

/// Numbers that look random, and are the same each time.
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// A file of one column.
pub(super) fn file(values: &ArrayRef, properties: WriterProperties) -> Bytes {
    let nullable = values.null_count() > 0;
    let schema = Arc::new(Schema::new(vec![Field::new("column", values.data_type().clone(), nullable)]));
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, Arc::clone(&schema), Some(properties)).expect("writer");
    writer.write(&RecordBatch::try_new(schema, vec![ArrayRef::clone(values)]).expect("batch")).expect("write");
    writer.close().expect("close");
    bytes.into()
}

/// All pages of such a file.
pub(super) fn pages(file: &Bytes) -> (Box<dyn PageIterator>, ColumnDescPtr) {
    let metadata = ArrowReaderMetadata::load(file, ArrowReaderOptions::new()).expect("metadata");
    let column = metadata.metadata().file_metadata().schema_descr().column(0);
    let reader = Arc::new(SerializedFileReader::new(file.clone()).expect("file"));
    (Box::new(FilePageIterator::new(0, reader).expect("pages")), column)
}

/// Pages that were read already, as of one chunk.
struct Pages(std::vec::IntoIter<Page>);

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(Ok)
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        Ok(self.0.next())
    }

    fn peek_next_page(&mut self) -> Result<Option<parquet::column::page::PageMetadata>> {
        Ok(None)
    }

    fn skip_next_page(&mut self) -> Result<()> {
        Ok(())
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        Ok(true)
    }
}

/// One chunk of such pages.
struct Chunks(std::vec::IntoIter<Pages>);

impl Iterator for Chunks {
    type Item = Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|pages| Ok(Box::new(pages) as Box<dyn PageReader>))
    }
}

impl PageIterator for Chunks {}

/// A chunk of these pages.
pub(super) fn chunk(pages: Vec<Page>) -> Box<dyn PageIterator> {
    Box::new(Chunks(vec![Pages(pages.into_iter())].into_iter()))
}

/// A data page of version 1.
pub(super) fn data(bytes: &'static [u8], num_values: u32, encoding: Encoding) -> Page {
    let (def_level_encoding, rep_level_encoding) = (Encoding::RLE, Encoding::RLE);
    let buf = Bytes::from_static(bytes);
    Page::DataPage { buf, num_values, encoding, def_level_encoding, rep_level_encoding, statistics: None }
}

/// A flat column of a batch as an array.
pub(super) fn shown(column: &Column, data_type: &DataType) -> ArrayRef {
    let [node] = column.nodes[..] else { panic!("a flat column is one node") };
    let buffer = |buffer: &ColumnBuffer| Buffer::from(buffer.as_slice());
    let data = ArrayData::builder(data_type.clone())
        .len(node.length)
        .null_bit_buffer((node.null_count > 0).then(|| buffer(&column.buffers[0])))
        .buffers(column.buffers[1..].iter().map(buffer).collect());
    let array = make_array(data.build().expect("a sound column"));
    assert_eq!(array.null_count(), node.null_count);
    array
}

/// Writes, keeps and passes rows of a file, of which a batch shows this type, and compares them with parquet's arrays.
pub(super) fn compare_written(
    numbers: &mut Numbers,
    mut ours: impl WriteRecords,
    parquets: &mut dyn ArrayReader,
    data_type: &DataType,
    case: &str,
) {
    // Buffers are used again, with what they had.
    let pool = BufferPool::new(1 << 20);
    let mut ended = false;
    while !ended {
        let mut builder = ColumnBuilder::new(data_type, numbers.below(500), &pool, None);
        let mut expected = Vec::new();
        for _ in 0..=numbers.below(4) {
            let most = if numbers.below(3) == 0 { 1500 } else { 40 };
            let rows = numbers.below(most) + 1;
            if numbers.below(3) == 0 {
                let passed = parquets.skip_records(rows).expect("skip");
                assert_eq!(ours.pass_records(rows).expect("pass"), passed, "{case}");
                ended |= passed < rows;
                continue;
            }
            let kept: Option<BooleanBuffer> = (numbers.below(3) > 0).then(|| {
                let share = [0, 1, 25, 60, 98, 100][numbers.below(6)];
                (0..rows).map(|_| numbers.below(100) < share).collect()
            });
            let read = parquets.read_records(rows).expect("read");
            let array = arrow_cast::cast(&parquets.consume_batch().expect("array"), data_type).expect("cast");
            if read < rows {
                // What is missing is an error, whatever the column has then.
                let mut builder = ColumnBuilder::new(data_type, 0, &pool, None);
                let written = ours.write_records(rows, kept.as_ref(), &mut builder, &pool);
                assert_eq!(written.expect("write"), read, "{case}");
                ended = true;
            } else {
                let written = ours.write_records(rows, kept.as_ref(), &mut builder, &pool);
                assert_eq!(written.expect("write"), rows, "{case}");
                expected.push(match kept {
                    Some(kept) => filter(&array, &BooleanArray::new(kept, None)).expect("filtered"),
                    None => array,
                });
            }
        }
        let column = builder.finish().expect("column");
        let found = shown(&column, data_type);
        let parts: Vec<&dyn Array> = expected.iter().map(AsRef::as_ref).collect();
        let expected = if parts.is_empty() { found.slice(0, 0) } else { concat(&parts).expect("array") };
        assert_eq!(&found, &expected, "{case}");
        column.buffers.into_iter().for_each(|buffer| buffer.recycle(&pool));
    }
}
