//! A file that has no name yet: it is written beside its target under a hidden one, and vanishes unless it is published.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, TempPath};

use crate::error::{ErrorCode, Result, SpillwayError};

/// Bytes of a file's name that its temporary name has, at most: with what is added, no system finds that too long.
const LONGEST_PREFIX: usize = 100;

/// An open file under a temporary name. Dropping it deletes it.
#[derive(Debug)]
pub struct PendingFile {
    file: NamedTempFile,
    target: PathBuf,
    bytes: u64,
}

/// A whole file under a temporary name. Dropping it deletes it.
#[derive(Debug)]
pub struct WholeFile {
    temporary: TempPath,
    target: PathBuf,
}

impl PendingFile {
    /// Creates a file beside `target`, in a folder that exists.
    ///
    /// # Errors
    /// `FILE_EXISTS` where the target exists and may not be replaced, `NOT_A_FILE` where it is a folder, `FILE_NOT_FOUND`
    /// where its folder isn't there, and `FILE_WRITE`.
    pub fn create(target: &Path, overwrite: bool) -> Result<Self> {
        check_target(target, overwrite)?;
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // Scans of folders leave out what begins with a dot. A long name is cut, lest this one becomes too long.
        let short = &name[..name.floor_char_boundary(LONGEST_PREFIX)];
        let (prefix, mut builder) = (format!(".{short}."), Builder::new());
        builder.prefix(&prefix).suffix(".tmp");
        // As any other file, less what the process's umask takes away.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder).map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                let message = format!("Cannot write {}: its folder does not exist; make it first", target.display());
                SpillwayError::new(ErrorCode::FileNotFound, message).at_path(target.display().to_string())
            }
            _ => write_error(target, &error),
        })?;
        Ok(Self { file, target: target.to_owned(), bytes: 0 })
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// `FILE_WRITE` where the disk is full or fails.
    pub fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.as_file_mut().write_all(bytes).map_err(|error| write_error(&self.target, &error))?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Bytes written.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Where the file is going to be.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Closes the file, whole.
    ///
    /// # Errors
    /// `FILE_WRITE` where it has to be on the disk and can't be.
    pub fn close(self, durable: bool) -> Result<WholeFile> {
        if durable {
            self.file.as_file().sync_all().map_err(|error| write_error(&self.target, &error))?;
        }
        Ok(WholeFile { temporary: self.file.into_temp_path(), target: self.target })
    }
}

impl WholeFile {
    /// Gives the file its name.
    ///
    /// # Errors
    /// `FILE_EXISTS` where something has taken the name meanwhile and may not be replaced, and `FILE_WRITE`.
    pub fn publish(self, overwrite: bool, durable: bool) -> Result<PathBuf> {
        let Self { temporary, target } = self;
        let published = if overwrite { temporary.persist(&target) } else { temporary.persist_noclobber(&target) };
        published.map_err(|failed| match failed.error.kind() {
            ErrorKind::AlreadyExists => exists(&target),
            _ => write_error(&target, &failed.error),
        })?;
        if durable && let Some(folder) = target.parent() {
            // The name is an entry of the folder; where folders can't be synced, the system does it by itself.
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(target)
    }

    /// Where the file is going to be.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }
}

/// Whether a file may be written there.
///
/// # Errors
/// As [`PendingFile::create`].
pub fn check_target(target: &Path, overwrite: bool) -> Result<()> {
    match fs::metadata(target) {
        Ok(found) if found.is_dir() => {
            let message = format!(
                "Cannot write {}: it is a folder; end the path in '/' or set partitionBy or maxFileRows to write files \
                 into it",
                target.display()
            );
            Err(SpillwayError::new(ErrorCode::NotAFile, message).at_path(target.display().to_string()))
        }
        Ok(found) if !found.is_file() => {
            let message = format!(
                "Cannot write {}: it is a device, a pipe or a socket, which a file would replace; choose another path, or \
                 send it encoded bytes",
                target.display()
            );
            Err(SpillwayError::new(ErrorCode::NotAFile, message).at_path(target.display().to_string()))
        }
        Ok(_) if !overwrite => Err(exists(target)),
        _ => Ok(()),
    }
}

fn exists(target: &Path) -> SpillwayError {
    let message = format!("Cannot write {}: it exists; set overwrite to replace it", target.display());
    SpillwayError::new(ErrorCode::FileExists, message).at_path(target.display().to_string())
}

/// What the system says of a file that can't be written.
#[must_use]
pub fn write_error(target: &Path, error: &io::Error) -> SpillwayError {
    let advice = match error.kind() {
        ErrorKind::StorageFull => "the disk is full; make room and write it again",
        ErrorKind::QuotaExceeded => "the quota is used up; make room and write it again",
        ErrorKind::PermissionDenied => "the system does not let this process write there",
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only",
        ErrorKind::NotADirectory => "a part of its path is a file, and not a folder",
        ErrorKind::InvalidFilename => "a name in its path is longer than the file system allows",
        ErrorKind::FileTooLarge => "the file system holds no file of this size; set maxFileBytes",
        _ => "the system refused it",
    };
    let message = format!("Cannot write {}: {advice}", target.display());
    SpillwayError::new(ErrorCode::FileWrite, message).at_path(target.display().to_string()).with_cause(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_has_its_name_only_once_it_is_published() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("a.bin");
        let mut file = PendingFile::create(&target, false).expect("created");
        file.append(b"abc").expect("written");
        assert!(!target.exists());
        let hidden = names(folder.path());
        assert!(hidden.len() == 1 && hidden[0].starts_with(".a.bin."), "{hidden:?}");
        let whole = file.close(true).expect("closed");
        assert!(!target.exists());
        assert_eq!(whole.publish(false, true).expect("published"), target);
        assert_eq!(fs::read(&target).expect("there"), b"abc");
        assert_eq!(names(folder.path()), ["a.bin"]);
    }

    #[test]
    fn a_file_that_is_dropped_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut file = PendingFile::create(&folder.path().join("a"), false).expect("created");
        file.append(b"abc").expect("written");
        drop(file);
        drop(PendingFile::create(&folder.path().join("b"), false).and_then(|file| file.close(false)));
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn what_exists_is_replaced_only_where_that_is_wanted() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("a");
        fs::write(&target, "old").expect("written");
        let error = PendingFile::create(&target, false).expect_err("exists");
        assert_eq!(error.code(), ErrorCode::FileExists);
        let mut file = PendingFile::create(&target, true).expect("created");
        file.append(b"new").expect("written");
        file.close(false).expect("closed").publish(true, false).expect("published");
        assert_eq!(fs::read(&target).expect("there"), b"new");
        let error = PendingFile::create(folder.path(), true).expect_err("a folder");
        assert_eq!(error.code(), ErrorCode::NotAFile);
        let error = PendingFile::create(&folder.path().join("no/a"), true).expect_err("no folder");
        assert_eq!(error.code(), ErrorCode::FileNotFound);
    }

    #[test]
    fn a_name_that_was_taken_meanwhile_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("a");
        let whole = PendingFile::create(&target, false).and_then(|file| file.close(false)).expect("closed");
        fs::write(&target, "other").expect("written");
        let error = whole.publish(false, false).expect_err("taken");
        assert_eq!(error.code(), ErrorCode::FileExists);
        assert_eq!(fs::read(&target).expect("there"), b"other");
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[cfg(unix)]
    #[test]
    fn files_can_be_read_as_any_other() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let usual = folder.path().join("usual");
        fs::write(&usual, "").expect("written");
        let ours = folder.path().join("ours");
        let whole = PendingFile::create(&ours, false).and_then(|file| file.close(false)).expect("closed");
        whole.publish(false, false).expect("published");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode(&ours), mode(&usual));
    }
}
