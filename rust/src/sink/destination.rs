//! Where a sink's batches go.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_schema::SchemaRef;

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::sink::chunks::Chunks;
use crate::sink::file_series::{FileSeries, FinishedFile};
use crate::sink::options::{FileOptions, SinkOptions};
use crate::sink::partitions::Partitions;
use crate::sink::pending_file::write_error;
use crate::sink::summary::{Summary, WrittenFile};

/// Takes the batches in order. Dropping it before [`Destination::finish`] has returned removes all that was written.
pub enum Destination {
    /// Files, by partition or one after another.
    Files(Files),
    /// Bytes.
    Chunks(Chunks),
}

/// Files that get their names together, when all of them are whole.
pub struct Files {
    writer: Writer,
    finished: Vec<FinishedFile>,
    options: Arc<FileOptions>,
    /// Folders that were made for the files, the outermost first.
    made: MadeFolders,
}

enum Writer {
    Series(FileSeries),
    Partitions(Partitions),
}

impl Destination {
    /// A place for batches of `schema`: what can't be written is found here, before the first batch.
    ///
    /// # Errors
    /// Those of the files and of the encoder.
    pub fn new(options: SinkOptions, schema: &SchemaRef) -> Result<Self> {
        match &options.files {
            None => Ok(Self::Chunks(Chunks::new(&options.encoder, schema)?)),
            Some(files) => {
                let files = Arc::new(files.clone());
                Ok(Self::Files(Files::new(&Arc::new(options), &files, schema)?))
            }
        }
    }

    /// Writes batches, or goes on with those that wait; bytes for JavaScript go to `out`, about so many at most.
    ///
    /// # Errors
    /// Those of the files and of the encoder.
    pub fn write(&mut self, batches: &[RecordBatch], enough: u64, out: &mut VecDeque<Buffer>) -> Result<()> {
        match self {
            Self::Chunks(chunks) => {
                chunks.add(batches);
                chunks.encode(enough, out)
            }
            Self::Files(files) => match &mut files.writer {
                Writer::Series(series) => series.write(batches, &mut files.finished),
                Writer::Partitions(partitions) => partitions.write(batches, &mut files.finished, &mut files.made),
            },
        }
    }

    /// Whether it gives bytes, and is to be fed no faster than they are taken.
    #[must_use]
    pub fn gives_bytes(&self) -> bool {
        matches!(self, Self::Chunks(_))
    }

    /// Whether rows wait until bytes are taken.
    #[must_use]
    pub fn has_waiting(&self) -> bool {
        matches!(self, Self::Chunks(chunks) if chunks.has_waiting())
    }

    /// Encoded bytes that wait in memory.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        match self {
            Self::Chunks(chunks) => chunks.buffered_bytes(),
            Self::Files(files) => match &files.writer {
                Writer::Series(series) => series.buffered_bytes(),
                Writer::Partitions(partitions) => partitions.buffered_bytes(),
            },
        }
    }

    /// Writes out what waits in memory, or, of many files, of the one that has most.
    ///
    /// # Errors
    /// Those of the files and of the encoder.
    pub fn relieve(&mut self, out: &mut VecDeque<Buffer>) -> Result<()> {
        match self {
            Self::Chunks(chunks) => chunks.flush(out),
            Self::Files(files) => match &mut files.writer {
                Writer::Series(series) => series.flush(),
                Writer::Partitions(partitions) => partitions.flush_largest(),
            },
        }
    }

    /// Ends the output, and gives files their names, if at the end of all writing they still `may` have them: else there
    /// is no summary, and no file is left.
    ///
    /// # Errors
    /// Those of the files and of the encoder; no file is left then.
    pub fn finish(self, out: &mut VecDeque<Buffer>, may: impl FnOnce() -> bool) -> Result<Option<Summary>> {
        match self {
            Self::Chunks(mut chunks) => chunks.finish(out).map(Some),
            Self::Files(files) => files.finish(may),
        }
    }
}

impl Files {
    fn new(options: &Arc<SinkOptions>, files: &Arc<FileOptions>, schema: &SchemaRef) -> Result<Self> {
        let mut made = MadeFolders::default();
        let folder = files.folder.then(|| PathBuf::from(&files.path));
        if let Some(folder) = &folder {
            check_folder(folder, files.overwrite)?;
        }
        let writer = if files.partition_by.is_empty() {
            let mut series = FileSeries::new(options, files, schema, folder.clone());
            if let Some(folder) = &folder {
                made.make(folder)?;
            }
            series.begin()?;
            Writer::Series(series)
        } else {
            let partitions = Partitions::new(options, files, schema)?;
            made.make(folder.as_deref().unwrap_or(Path::new(&files.path)))?;
            Writer::Partitions(partitions)
        };
        Ok(Self { writer, finished: Vec::new(), options: Arc::clone(files), made })
    }

    fn finish(mut self, may: impl FnOnce() -> bool) -> Result<Option<Summary>> {
        match &mut self.writer {
            Writer::Series(series) => {
                // A file of no rows is one too, unless there are others.
                if self.finished.is_empty() {
                    series.begin()?;
                }
                series.finish(&mut self.finished)?;
            }
            Writer::Partitions(partitions) => {
                partitions.finish(&mut self.finished)?;
                // They end in any order, but those of one folder in theirs.
                self.finished.sort_by(|left, right| left.file.target().parent().cmp(&right.file.target().parent()));
            }
        }
        if !may() {
            return Ok(None);
        }
        let FileOptions { overwrite, durable, .. } = *self.options;
        let mut published = Published::default();
        for FinishedFile { file, facts } in std::mem::take(&mut self.finished) {
            let path = file.publish(overwrite, durable)?;
            published.files.push((path, facts));
        }
        self.made.keep();
        Ok(Some(Summary::of(published.keep())))
    }
}

/// Files that have their names; they are removed unless all of them have.
#[derive(Default)]
struct Published {
    files: Vec<(PathBuf, WrittenFile)>,
}

impl Published {
    fn keep(mut self) -> Vec<WrittenFile> {
        std::mem::take(&mut self.files).into_iter().map(|(_, facts)| facts).collect()
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        for (path, _) in &self.files {
            // What can't be removed stays; the error that led here is the one to tell.
            let _ = fs::remove_file(path);
        }
    }
}

/// Folders that were made; they are removed again, where nothing is in them, unless they are kept.
#[derive(Default)]
pub struct MadeFolders {
    folders: Vec<PathBuf>,
}

impl MadeFolders {
    /// Makes a folder, and those around it that aren't there.
    ///
    /// # Errors
    /// `FILE_WRITE`.
    pub fn make(&mut self, folder: &Path) -> Result<()> {
        let missing: Vec<&Path> =
            folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
        for folder in missing.into_iter().rev() {
            match fs::create_dir(folder) {
                Ok(()) => self.folders.push(folder.to_owned()),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(write_error(folder, &error)),
            }
        }
        Ok(())
    }

    fn keep(&mut self) {
        self.folders.clear();
    }
}

impl Drop for MadeFolders {
    fn drop(&mut self) {
        for folder in self.folders.iter().rev() {
            // Others may have put something into it meanwhile: it stays then.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A folder to write into has to be new or empty, lest what was there before is taken for a part of the output.
fn check_folder(folder: &Path, overwrite: bool) -> Result<()> {
    let at = |code, message: String| SpillwayError::new(code, message).at_path(folder.display().to_string());
    let shown = folder.display();
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(at(
            ErrorCode::FileExists,
            format!("Cannot write files into {shown}: it is a file; choose another path"),
        )),
        Err(error) => Err(write_error(folder, &error)),
        Ok(mut entries) => {
            let is_visible = |entry: io::Result<fs::DirEntry>| {
                entry.is_ok_and(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
            };
            if overwrite || !entries.any(is_visible) {
                return Ok(());
            }
            let message = format!(
                "Cannot write files into {shown}: the folder is not empty; set overwrite to replace files of the same names"
            );
            Err(at(ErrorCode::FileExists, message))
        }
    }
}
