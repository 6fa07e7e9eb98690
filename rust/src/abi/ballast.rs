//! Memory that a runtime's collector counts, and that takes none.

use crate::abi::exports::{ERROR, output, write_numbers};
use crate::abi::guard::guard;
use crate::abi::slot;

/// Gives the address, the length and the slot of a buffer that nobody has touched; returns how many numbers were written,
/// 0 where `bytes` is less than 1, or the system has no room for so many.
///
/// # Safety
/// `numbers` points to `capacity` doubles, of which there are three.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn spw_ballast(bytes: f64, numbers: *mut f64, capacity: u32) -> i32 {
    guard(ERROR, || {
        let Some(ballast) = slot::ballast(bytes as usize) else { return Ok(0) };
        // SAFETY: by the caller's promise.
        Ok(write_numbers(ballast.into_iter(), unsafe { output(numbers, capacity) }))
    })
}

#[cfg(test)]
mod tests {
    use std::ffi::c_void;
    use std::ptr;

    use super::*;
    use crate::abi::exports::spw_buffer_free;

    #[test]
    #[cfg_attr(miri, ignore = "Miri knows no maps")]
    fn ballast_is_as_large_as_asked_for_and_given_back() {
        let mut numbers = [0.0; 3];
        // SAFETY: there are three doubles.
        assert_eq!(unsafe { spw_ballast(f64::from(64 << 20), numbers.as_mut_ptr(), 3) }, 3);
        let [address, length, slot] = numbers;
        assert_eq!(length as usize, 64 << 20);
        let last = (address as usize + length as usize - 1) as *mut u8;
        // SAFETY: the buffer is mapped until its slot is freed, which happens once.
        unsafe {
            *last = 7;
            assert_eq!(*last, 7);
            spw_buffer_free(ptr::null_mut(), slot as usize as *mut c_void);
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri knows no maps")]
    fn ballast_that_the_system_has_no_room_for_is_none() {
        let mut numbers = [0.0; 3];
        for bytes in [0.0, f64::NAN, -1.0, 2_f64.powi(62), f64::INFINITY] {
            // SAFETY: there are three doubles.
            assert_eq!(unsafe { spw_ballast(bytes, numbers.as_mut_ptr(), 3) }, 0, "{bytes}");
            assert_eq!(numbers.map(|number| number as usize), [0; 3]);
        }
    }
}
