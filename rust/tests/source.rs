//! The two kinds of source: the same bytes, bounds, accounting, and mapped pages given back.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use parquet::file::reader::{ChunkReader, Length};
use spillway::error::{ErrorCode, Result, SpillwayError};
use spillway::source::{IoMode, Source, TrackedSource};

const MODES: [IoMode; 2] = [IoMode::Mmap, IoMode::Read];

fn write(folder: &Path, bytes: &[u8]) -> PathBuf {
    let path = folder.join("data.bin");
    std::fs::write(&path, bytes).expect("write");
    path
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 31 % 251) as u8).collect()
}

fn open(path: &Path, io: IoMode) -> Source {
    Source::open(path.to_str().expect("UTF-8"), io).expect("open")
}

#[test]
fn both_modes_give_the_same_bytes_and_count_them() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = pattern(300_000);
    let path = write(folder.path(), &bytes);
    for io in MODES {
        let source = open(&path, io);
        assert_eq!((source.len(), source.io(), source.bytes_read()), (300_000, io, 0));
        assert_eq!(source.get_bytes(1000, 70_000).expect("bytes"), bytes[1000..71_000]);
        assert_eq!(source.clone().bytes_read(), 70_000);
        let mut rest = Vec::new();
        source.get_read(290_000).expect("reader").read_to_end(&mut rest).expect("read");
        assert_eq!(rest, bytes[290_000..]);
        assert!(source.get_bytes(300_000, 0).expect("nothing").is_empty());
    }
}

#[test]
fn reads_beyond_the_end_are_refused_before_anything_is_allocated() {
    let folder = tempfile::tempdir().expect("folder");
    let path = write(folder.path(), &pattern(100));
    for io in MODES {
        let source = open(&path, io);
        for (start, length) in [(0, 101), (101, 0), (50, usize::MAX), (u64::MAX, 2)] {
            let error = source.get_bytes(start, length).expect_err("bounds");
            assert!(error.to_string().contains("the file has 100 bytes"), "{error}");
            assert_eq!(SpillwayError::from_parquet(&error).code(), ErrorCode::CorruptFile);
        }
        assert!(source.get_read(101).is_err());
    }
}

#[test]
fn what_cannot_be_opened_has_a_code_and_the_path() {
    let folder = tempfile::tempdir().expect("folder");
    let code = |path: &Path, io| {
        let error = Source::open(path.to_str().expect("UTF-8"), io).expect_err("cannot be opened");
        assert_eq!(error.path(), path.to_str());
        error.code()
    };
    let empty = write(folder.path(), &[]);
    for io in MODES {
        assert_eq!(code(&folder.path().join("missing"), io), ErrorCode::FileNotFound);
        assert_eq!(code(&empty.join("below a file"), io), ErrorCode::FileNotFound);
        assert_eq!(code(folder.path(), io), ErrorCode::NotAFile);
        assert_eq!(code(&empty, io), ErrorCode::EmptyFile);
    }
}

#[test]
fn a_file_that_is_cut_off_while_it_is_open_is_an_error_and_not_a_signal() {
    let folder = tempfile::tempdir().expect("folder");
    for io in MODES {
        let path = write(folder.path(), &pattern(100_000));
        let source = open(&path, io);
        assert!(source.get_bytes(90_000, 10).is_ok());
        std::fs::OpenOptions::new().write(true).open(&path).expect("open").set_len(10).expect("cut off");
        let error = source.get_bytes(90_000, 10).expect_err("cut off");
        assert_eq!(SpillwayError::from_parquet(&error).code(), ErrorCode::FileChanged);
        let as_text = arrow_schema::ArrowError::from(error);
        assert_eq!(SpillwayError::from_arrow(&as_text).code(), ErrorCode::FileChanged);
    }
}

#[test]
fn a_deleted_file_stays_readable() {
    let folder = tempfile::tempdir().expect("folder");
    for io in MODES {
        let bytes = pattern(100_000);
        let path = write(folder.path(), &bytes);
        let source = open(&path, io);
        std::fs::remove_file(&path).expect("delete");
        assert_eq!(source.get_bytes(5, 90_000).expect("bytes"), bytes[5..90_005]);
    }
}

#[test]
fn slices_outlive_the_source_and_the_release_of_their_pages() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = pattern(4 << 20);
    let path = write(folder.path(), &bytes);
    let slice = {
        let source = open(&path, IoMode::Mmap);
        source.advise_sequential();
        let slice = source.get_bytes(123, 3 << 20).expect("bytes");
        source.release(0..u64::MAX);
        slice
    };
    assert_eq!(slice, bytes[123..123 + (3 << 20)]);
}

/// Kilobytes of the map of `path` that are in memory.
#[cfg(target_os = "linux")]
fn resident_kib(path: &Path) -> Option<u64> {
    let maps = std::fs::read_to_string("/proc/self/smaps").ok()?;
    let after = maps.split(path.to_str()?).nth(1)?;
    let line = after.lines().find(|line| line.starts_with("Rss:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(target_os = "linux")]
#[test]
fn a_tracked_source_keeps_a_bounded_part_of_the_map_in_memory() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("tracked.bin");
    let mut file = std::fs::File::create(&path).expect("create");
    let page = pattern(1 << 20);
    for _ in 0..64 {
        file.write_all(&page).expect("write");
    }
    let source = open(&path, IoMode::Mmap);
    let tracked = TrackedSource::new(source.clone());
    let sum = |bytes: bytes::Bytes| bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>();
    let plain: u64 = (0..64).map(|index| sum(source.get_bytes(index << 20, 1 << 20).expect("page"))).sum();
    if resident_kib(&path).is_none_or(|kib| kib < 60 << 10) {
        eprintln!("skipped: this system does not tell what of a map is in memory");
        return;
    }
    let mut peak = 0;
    source.release(0..source.len());
    let mut released = 0;
    for index in 0..64 {
        released += sum(tracked.get_bytes(index << 20, 1 << 20).expect("page"));
        peak = peak.max(resident_kib(&path).expect("smaps"));
    }
    assert_eq!(plain, released);
    assert!(peak <= 20 << 10, "{peak} KiB of the map were in memory");
}

#[test]
fn a_tracked_source_gives_the_bytes_of_its_source() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = pattern(8 << 20);
    let path = write(folder.path(), &bytes);
    for io in MODES {
        let tracked = TrackedSource::new(open(&path, io));
        let kept = tracked.get_bytes(77, 1 << 20).expect("bytes");
        for start in [0_usize, 100_000, 4 << 20, 5 << 20, 0, (8 << 20) - 10, 0, 0, 3_000_000] {
            let length = (4 << 20).min(bytes.len() - start);
            assert_eq!(tracked.get_bytes(start as u64, length).expect("bytes"), bytes[start..start + length]);
        }
        assert_eq!(kept, bytes[77..77 + (1 << 20)]);
    }
}

#[cfg(unix)]
#[test]
fn a_map_that_is_cut_off_reads_as_zeros_and_is_told() {
    let directory = tempfile::tempdir().expect("temporary directory");
    let path = directory.path().join("cut").to_string_lossy().into_owned();
    std::fs::write(&path, vec![7_u8; 1 << 20]).expect("write");
    let source = Source::open(&path, IoMode::Mmap).expect("open");
    let bytes = source.get_bytes(0, 1 << 20).expect("bytes");
    std::fs::OpenOptions::new().write(true).open(&path).and_then(|file| file.set_len(4096)).expect("cut off");
    assert_eq!((bytes[0], bytes[500_000], bytes[(1 << 20) - 1]), (7, 0, 0));
    assert!(source.check_unchanged().is_err());
    assert!(source.get_bytes(0, 10).is_err());
}

#[test]
fn what_was_copied_stays_as_it_was() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = pattern(100_000);
    for io in MODES {
        let path = write(folder.path(), &bytes);
        let source = open(&path, io);
        let copied = TrackedSource::copying(source.clone()).get_bytes(5, 90_000).expect("bytes");
        std::fs::OpenOptions::new().write(true).open(&path).expect("open").set_len(10).expect("cut off");
        assert_eq!(copied, bytes[5..90_005]);
        assert!(source.check_unchanged().is_err());
    }
}

#[test]
fn what_fails_on_a_file_that_has_changed_is_the_cause_of_that_error() {
    let folder = tempfile::tempdir().expect("folder");
    for io in MODES {
        let path = write(folder.path(), &pattern(100));
        let source = open(&path, io);
        let corrupt = || Err::<(), _>(SpillwayError::new(ErrorCode::CorruptFile, "Cannot decode a page"));
        assert_eq!(source.checked(corrupt()).expect_err("failure").code(), ErrorCode::CorruptFile);
        assert_eq!(source.guarded(|| Ok(7)).expect("value"), 7);
        std::fs::write(&path, pattern(101)).expect("grow");
        let error = source.checked(corrupt()).expect_err("changed");
        assert_eq!((error.code(), error.cause()), (ErrorCode::FileChanged, Some("Cannot decode a page")));
        let error = source.guarded(|| -> Result<()> { panic!("no such value") }).expect_err("changed");
        assert_eq!(error.code(), ErrorCode::FileChanged);
        assert!(error.cause().expect("cause").contains("Cannot decode"), "{error}");
        assert_eq!(source.checked(Ok(7)).expect_err("changed").code(), ErrorCode::FileChanged);
    }
}

#[cfg(unix)]
#[test]
fn times_that_are_set_back_do_not_hide_a_change_and_what_leaves_the_bytes_alone_is_none() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("folder");
    let modified = |path: &Path| std::fs::metadata(path).and_then(|facts| facts.modified()).expect("time");
    for io in MODES {
        let path = write(folder.path(), &pattern(100));
        let source = open(&path, io);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("mode");
        assert!(source.check_unchanged().is_ok(), "given to somebody");

        let source = open(&path, io);
        std::fs::hard_link(&path, folder.path().join(format!("{io:?}"))).expect("link");
        assert!(source.check_unchanged().is_ok(), "linked");

        let source = open(&path, io);
        let before = modified(&path);
        // The clock of file systems may tick a hundred times a second.
        std::thread::sleep(std::time::Duration::from_millis(20));
        std::fs::write(&path, pattern(99).iter().chain(&[1]).copied().collect::<Vec<u8>>()).expect("write");
        std::fs::File::options().write(true).open(&path).and_then(|file| file.set_modified(before)).expect("set back");
        assert_eq!(modified(&path), before);
        let error = source.check_unchanged().expect_err("overwritten");
        assert_eq!(error.code(), ErrorCode::FileChanged);

        let source = open(&path, io);
        std::fs::rename(&path, folder.path().join("moved")).expect("move");
        assert!(source.check_unchanged().is_ok(), "moved");

        let source = open(&folder.path().join("moved"), io);
        std::fs::remove_file(folder.path().join("moved")).expect("delete");
        assert!(source.check_unchanged().is_ok(), "deleted");
    }
}
