//! Files that tests write for themselves.

use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

/// A Parquet file that is deleted with its directory.
pub struct TestFile {
    directory: tempfile::TempDir,
}

impl TestFile {
    /// Path of the file.
    pub fn path(&self) -> String {
        self.directory.path().join("test.parquet").to_string_lossy().into_owned()
    }
}

/// Writes one batch as a file.
pub fn write_file(batch: &RecordBatch, properties: WriterProperties) -> TestFile {
    let file = TestFile { directory: tempfile::tempdir().expect("temporary directory") };
    let out = std::fs::File::create(file.path()).expect("file");
    let mut writer = ArrowWriter::try_new(out, batch.schema(), Some(properties)).expect("writer");
    writer.write(batch).expect("write");
    writer.close().expect("close");
    file
}
