//! Where a path leads once its links are followed, for whoever has to ask whether it may be used.

use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

/// The path without links, as the system follows them. What does not exist yet is appended to what does, so that a path
/// about to be written has a real path too.
///
/// # Errors
/// Where the system can't follow it: a cycle of links, a folder that may not be entered, `..` below what does not exist.
pub fn real_path(path: &Path) -> io::Result<PathBuf> {
    for existing in path.ancestors() {
        let from = if existing.as_os_str().is_empty() { Path::new(".") } else { existing };
        let real = match from.canonicalize() {
            Err(error) if is_absence(error.kind()) => continue,
            other => other?,
        };
        let rest = path.strip_prefix(existing).map_err(io::Error::other)?;
        if rest.components().all(|part| matches!(part, Component::Normal(_))) {
            // Not `join` of nothing, which would end in a separator.
            return Ok(if rest.as_os_str().is_empty() { real } else { real.join(rest) });
        }
        break;
    }
    Err(ErrorKind::NotFound.into())
}

/// Whether nothing can be there; a name that is too long is nobody's.
fn is_absence(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_and_what_is_missing_is_appended() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("a real path");
        fs::create_dir_all(root.join("a/b")).expect("made");
        fs::create_dir(root.join("c")).expect("made");
        fs::write(root.join("a/file"), "").expect("written");
        symlink("../a", root.join("c/link")).expect("linked");
        symlink("absent", root.join("c/dangling")).expect("linked");
        let real = |path: &str| real_path(&root.join(path)).expect("a real path");
        assert_eq!(real("c/link/file"), root.join("a/file"));
        assert_eq!(real("c/link/"), root.join("a"));
        assert_eq!(real("c/link/b/../file"), root.join("a/file"));
        assert_eq!(real("c/link/new/x"), root.join("a/new/x"));
        assert_eq!(real("c/dangling"), root.join("c/dangling"));
        // The system goes up from where a link leads, not from where it lies.
        assert_eq!(real("c/link/../c"), root.join("c"));
        assert_eq!(real("a/file/x"), root.join("a/file/x"));
        let long = "n".repeat(300);
        assert_eq!(real(&format!("c/link/{long}")), root.join("a").join(long));
    }

    #[test]
    fn what_cannot_be_followed_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        symlink("loop", folder.path().join("loop")).expect("linked");
        assert!(real_path(&folder.path().join("loop")).is_err());
        assert!(real_path(&folder.path().join("loop/x")).is_err());
        assert!(real_path(&folder.path().join("absent/../x")).is_err());
    }

    #[test]
    fn a_relative_path_is_one_below_the_working_directory() {
        let here = std::env::current_dir().expect("a folder").canonicalize().expect("a real path");
        assert_eq!(real_path(Path::new("absent.parquet")).expect("a path"), here.join("absent.parquet"));
        assert_eq!(real_path(Path::new(".")).expect("a path"), here);
    }
}
