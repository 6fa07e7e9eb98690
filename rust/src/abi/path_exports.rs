//! The exported functions of paths: where one leads, for the sandbox that native code is not held back by, and what lies
//! at many.

use std::path::Path;

use crate::abi::exports::{input, output};
use crate::abi::guard::guard;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::files::real_path::real_path;

/// Writes the path without links if it fits; returns the bytes that it needs, 0 where it can't be followed.
///
/// # Safety
/// `path` points to `length` bytes, and `buffer` to `capacity`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn spw_real_path(path: *const u8, length: u32, buffer: *mut u8, capacity: u32) -> u32 {
    guard(0, || {
        // SAFETY: by the caller's promise.
        let (path, out) = unsafe { (input(path, length), output(buffer, capacity)) };
        let real = text_of(path)?;
        if let Some(place) = out.get_mut(..real.len()) {
            place.copy_from_slice(real.as_bytes());
        }
        Ok(real.len() as u32)
    })
}

/// Tells what lies at each path, links followed: 0 for nothing, or what may not be looked up, 1 for a directory, 2 for
/// anything else. The paths are UTF-8 with a NUL between two. Returns how many there are, 0 if that isn't `count`.
///
/// # Safety
/// `paths` points to `length` bytes, and `kinds` to `count`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn spw_path_kinds(paths: *const u8, length: u32, kinds: *mut u8, count: u32) -> u32 {
    guard(0, || {
        // SAFETY: by the caller's promise.
        let (paths, kinds) = unsafe { (input(paths, length), output(kinds, count)) };
        let Ok(paths) = std::str::from_utf8(paths) else { return Ok(0) };
        if paths.split('\0').count() != kinds.len() {
            return Ok(0);
        }
        for (path, kind) in paths.split('\0').zip(kinds) {
            *kind = kind_of(path);
        }
        Ok(count)
    })
}

fn kind_of(path: &str) -> u8 {
    match Path::new(path).metadata() {
        Ok(found) if found.is_dir() => 1,
        Ok(_) => 2,
        Err(_) => 0,
    }
}

fn text_of(path: &[u8]) -> Result<String> {
    let refused = |cause: &dyn ToString| {
        SpillwayError::new(ErrorCode::FileAccess, "Cannot follow a path").with_cause(&cause.to_string())
    };
    let path = std::str::from_utf8(path).map_err(|error| refused(&error))?;
    let real = real_path(Path::new(path)).map_err(|error| refused(&error))?;
    let real = real.into_os_string().into_string().map_err(|_| refused(&"it is not UTF-8"))?;
    // Windows begins real paths with what its sandbox's rules don't have.
    Ok(real.strip_prefix(r"\\?\").map(str::to_owned).unwrap_or(real))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn real(path: &str, capacity: usize) -> (u32, String) {
        let mut text = vec![0; capacity];
        // SAFETY: the path and the buffer are as long as they are said to be.
        let length = unsafe { spw_real_path(path.as_ptr(), path.len() as u32, text.as_mut_ptr(), capacity as u32) };
        text.truncate(length as usize);
        (length, String::from_utf8(text).expect("UTF-8"))
    }

    #[test]
    fn a_path_is_written_where_it_fits() {
        let here = std::env::current_dir().expect("a folder").canonicalize().expect("a real path");
        let here = here.to_str().expect("UTF-8");
        assert_eq!(real(".", 4096), (here.len() as u32, here.to_owned()));
        assert_eq!(real(".", 1), (here.len() as u32, "\0".to_owned()));
        assert_eq!(real("absent/..", 4096).0, 0);
        assert_eq!(real("a\0b", 4096).0, 0);
        // SAFETY: null is allowed.
        assert_eq!(unsafe { spw_real_path(std::ptr::null(), 9, std::ptr::null_mut(), 9) }, here.len() as u32);
    }

    #[test]
    fn what_lies_at_many_paths_is_told_in_their_order() {
        let kinds = |paths: &str, count: usize| {
            let mut kinds = vec![9; count];
            // SAFETY: the paths and the buffer are as long as they are said to be.
            let told = unsafe { spw_path_kinds(paths.as_ptr(), paths.len() as u32, kinds.as_mut_ptr(), count as u32) };
            (told, kinds)
        };
        assert_eq!(kinds("src\0absent\0Cargo.toml\0\0Cargo.toml/x", 5), (5, vec![1, 0, 2, 0, 0]));
        assert_eq!(kinds("src\0src", 1), (0, vec![9]));
        assert_eq!(kinds("src", 2), (0, vec![9, 9]));
        assert_eq!(kinds("", 0), (0, vec![]));
        // SAFETY: null is allowed.
        assert_eq!(unsafe { spw_path_kinds(std::ptr::null(), 9, std::ptr::null_mut(), 9) }, 0);
    }
}
