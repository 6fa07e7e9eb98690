//! What tells whether a file is as it was when it was opened: its size and its times.
//!
//! A write changes the time of the last modification before it changes the bytes, and cutting off changes the size before
//! the bytes are gone. So bytes were still the old ones if the file is found unchanged after they were read.
//!
//! Whoever sets the time of modification back (`utimes`) changes the time of the last change of status (`ctime`), which
//! cannot be set. That alone is no change of bytes where it can be for another reason: the file was deleted, linked, given
//! to somebody or moved.

use std::fs::Metadata;
#[cfg(unix)]
use std::os::unix::fs::MetadataExt;
use std::time::SystemTime;

/// A file as it was once.
#[derive(Debug)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    #[cfg(unix)]
    status: Status,
}

/// What else changes the time of the last change of status.
#[cfg(unix)]
#[derive(Debug)]
struct Status {
    changed: (i64, i64),
    links: u64,
    mode: u32,
    owner: (u32, u32),
    file: (u64, u64),
}

impl Stamp {
    pub(super) fn new(facts: &Metadata) -> Self {
        Self {
            length: facts.len(),
            modified: facts.modified().ok(),
            #[cfg(unix)]
            status: Status::new(facts),
        }
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Whether the file's bytes are still the same, as far as the system tells; it was opened as `path`.
    pub(super) fn is_of(&self, facts: &Metadata, path: &str) -> bool {
        let is_same = self.length == facts.len() && self.modified == facts.modified().ok();
        #[cfg(unix)]
        return is_same && self.status.is_accounted_for(&Status::new(facts), path);
        #[cfg(not(unix))]
        {
            let _ = path;
            is_same
        }
    }
}

#[cfg(unix)]
impl Status {
    fn new(facts: &Metadata) -> Self {
        Self {
            changed: (facts.ctime(), facts.ctime_nsec()),
            links: facts.nlink(),
            mode: facts.mode(),
            owner: (facts.uid(), facts.gid()),
            file: (facts.dev(), facts.ino()),
        }
    }

    /// Whether nothing changed, or something did that is no change of bytes.
    fn is_accounted_for(&self, now: &Self, path: &str) -> bool {
        let is_other = (self.links, self.mode, self.owner) != (now.links, now.mode, now.owner);
        self.changed == now.changed || is_other || self.has_moved(path)
    }

    fn has_moved(&self, path: &str) -> bool {
        std::fs::metadata(path).map_or(true, |there| (there.dev(), there.ino()) != self.file)
    }
}
