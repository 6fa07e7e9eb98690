//! Files of one folder that follow one another: a new one is begun where the last is large enough.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::encode::{Encoder, Output};
use crate::error::{Result, SpillwayError};
use crate::lock;
use crate::sink::options::{FileOptions, SinkOptions};
use crate::sink::pending_file::{PendingFile, WholeFile};
use crate::sink::summary::WrittenFile;
use crate::sink::windows::windows;

/// Where a series' files are, and what they hold.
pub struct FileSeries {
    options: Arc<SinkOptions>,
    files: Arc<FileOptions>,
    schema: SchemaRef,
    target: Target,
    current: Option<OpenFile>,
    begun: usize,
    /// Bytes that are being encoded, kept for its capacity.
    bytes: Vec<u8>,
    /// Encoded bytes that go to the file while the next ones are encoded.
    waiting: Vec<u8>,
}

/// How the files are named.
enum Target {
    /// One file.
    File(PathBuf),
    /// `part-0` and so on.
    Folder(PathBuf),
}

struct OpenFile {
    encoder: Box<dyn Encoder>,
    file: PendingFile,
    rows: u64,
}

/// The file as it is so far, and bytes that come next.
struct FileEnd<'a> {
    waiting: &'a mut Vec<u8>,
    file: &'a mut PendingFile,
}

/// What is encoded while the bytes before it go to the file.
struct FileOutput<'a, 'b> {
    bytes: &'a mut Vec<u8>,
    end: &'a Mutex<FileEnd<'b>>,
}

impl OpenFile {
    /// Has the rest of what there is encoded and appended: what waits, `bytes`, and what `encode` makes.
    fn drain(
        &mut self,
        mut bytes: Vec<u8>,
        mut waiting: Vec<u8>,
        encode: impl FnOnce(&mut dyn Encoder, &mut dyn Output) -> Result<()>,
    ) -> Result<()> {
        let Self { encoder, file, .. } = self;
        let end = Mutex::new(FileEnd { waiting: &mut waiting, file });
        let mut out = FileOutput { bytes: &mut bytes, end: &end };
        let drained = encode(encoder.as_mut(), &mut out).and_then(|()| out.drain());
        drained.map_err(|error| at(error, file))
    }
}

impl FileEnd<'_> {
    fn append_waiting(&mut self) -> Result<()> {
        self.file.append(self.waiting)?;
        self.waiting.clear();
        Ok(())
    }
}

impl Output for FileOutput<'_, '_> {
    fn bytes(&mut self) -> &mut Vec<u8> {
        self.bytes
    }

    fn drain(&mut self) -> Result<()> {
        let mut end = lock(self.end);
        end.append_waiting()?;
        end.file.append(self.bytes)?;
        self.bytes.clear();
        Ok(())
    }
}

/// A file that is whole and waits for its name, with what it holds.
pub struct FinishedFile {
    /// The file.
    pub file: WholeFile,
    /// What it holds.
    pub facts: WrittenFile,
}

impl FileSeries {
    /// Files of batches of `schema` in `folder`, or the one file of the options.
    #[must_use]
    pub fn new(
        options: &Arc<SinkOptions>,
        files: &Arc<FileOptions>,
        schema: &SchemaRef,
        folder: Option<PathBuf>,
    ) -> Self {
        let target = match folder {
            Some(folder) => Target::Folder(folder),
            None => Target::File(PathBuf::from(&files.path)),
        };
        Self {
            options: Arc::clone(options),
            files: Arc::clone(files),
            schema: Arc::clone(schema),
            target,
            current: None,
            begun: 0,
            bytes: Vec::new(),
            waiting: Vec::new(),
        }
    }

    /// Opens the first file, so that what can't be written is found before there is anything to write.
    ///
    /// # Errors
    /// Those of the file and of the encoder.
    pub fn begin(&mut self) -> Result<()> {
        if self.current.is_none() {
            let path = self.next_path();
            let encoder = self.options.encoder.encoder(&self.schema);
            let encoder = encoder.map_err(|error| error.at_path(path.display().to_string()))?;
            let file = PendingFile::create(&path, self.files.overwrite)?;
            self.begun += 1;
            self.current = Some(OpenFile { encoder, file, rows: 0 });
        }
        Ok(())
    }

    /// Writes batches, into as many files as it takes; those that became whole go to `finished`.
    ///
    /// # Errors
    /// Those of the files and of the encoder.
    pub fn write(&mut self, batches: &[RecordBatch], finished: &mut Vec<FinishedFile>) -> Result<()> {
        let FileOptions { max_file_rows, max_file_bytes, .. } = *self.files;
        if max_file_rows.is_none() && max_file_bytes.is_none() {
            return self.write_all(batches, finished);
        }
        // Looked at by batch, however many are there: the same batches make the same files each time.
        let most_rows = max_file_rows.unwrap_or(u64::MAX).max(1);
        for batch in batches {
            let mut start = 0;
            while start < batch.num_rows() {
                let before = self.current.as_ref().map_or(0, |file| file.rows);
                let rows = (most_rows - before).min((batch.num_rows() - start) as u64) as usize;
                self.write_all(&[batch.slice(start, rows)], finished)?;
                start += rows;
                if self.current.as_ref().is_some_and(|file| file.rows >= most_rows) {
                    self.finish(finished)?;
                }
            }
        }
        Ok(())
    }

    fn write_all(&mut self, batches: &[RecordBatch], finished: &mut Vec<FinishedFile>) -> Result<()> {
        self.begin()?;
        let Some(OpenFile { encoder, file, rows }) = &mut self.current else { return Ok(()) };
        for window in windows(batches, encoder.window_bytes()) {
            let Self { bytes, waiting, .. } = self;
            let end = Mutex::new(FileEnd { waiting, file });
            let mut out = FileOutput { bytes, end: &end };
            let (encoded, appended) = rayon::join(|| encoder.write(&window, &mut out), || lock(&end).append_waiting());
            appended.and_then(|()| encoded.map_err(|error| at(error, file)))?;
            std::mem::swap(bytes, waiting);
        }
        *rows += batches.iter().map(|batch| batch.num_rows() as u64).sum::<u64>();
        let size = file.bytes() + (self.waiting.len() + encoder.pending_bytes()) as u64;
        if self.files.max_file_bytes.is_some_and(|most| size >= most) {
            self.finish(finished)?;
        }
        Ok(())
    }

    /// Encoded bytes that wait in memory.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        let own = self.bytes.capacity() + self.waiting.capacity();
        own + self.current.as_ref().map_or(0, |file| file.encoder.buffered_bytes())
    }

    /// Whether a file is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.current.is_some()
    }

    /// Writes out what waits in memory.
    ///
    /// # Errors
    /// Those of the file and of the encoder.
    pub fn flush(&mut self) -> Result<()> {
        let Some(open) = &mut self.current else { return Ok(()) };
        let (bytes, waiting) = (std::mem::take(&mut self.bytes), std::mem::take(&mut self.waiting));
        open.drain(bytes, waiting, |encoder, out| encoder.flush(out))
    }

    /// Ends the open file.
    ///
    /// # Errors
    /// Those of the file and of the encoder.
    pub fn finish(&mut self, finished: &mut Vec<FinishedFile>) -> Result<()> {
        let Some(mut open) = self.current.take() else { return Ok(()) };
        let (bytes, waiting) = (std::mem::take(&mut self.bytes), std::mem::take(&mut self.waiting));
        open.drain(bytes, waiting, |encoder, out| encoder.finish(out))?;
        let OpenFile { encoder, file, rows } = open;
        let bytes = file.bytes();
        let file = file.close(self.files.durable)?;
        let path = file.target().display().to_string();
        let facts = WrittenFile { path, rows, bytes, row_groups: encoder.row_groups() as u64 };
        finished.push(FinishedFile { file, facts });
        Ok(())
    }

    fn next_path(&self) -> PathBuf {
        match &self.target {
            Target::File(path) => path.clone(),
            Target::Folder(folder) => part_path(folder, self.begun, &self.options.encoder.extension()),
        }
    }
}

/// An encoder knows no files: its errors are of this one.
fn at(error: SpillwayError, file: &PendingFile) -> SpillwayError {
    error.at_path(file.target().display().to_string())
}

fn part_path(folder: &Path, number: usize, extension: &str) -> PathBuf {
    folder.join(format!("part-{number}.{extension}"))
}
