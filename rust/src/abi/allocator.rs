//! How long the allocator keeps memory that was freed.

/// Lets freed memory wait a little, unless the environment has `MIMALLOC_PURGE_DELAY`.
pub(super) fn keep_freed_memory() {
    #[cfg(feature = "mimalloc")]
    mimalloc::keep_freed_memory();
}

#[cfg(feature = "mimalloc")]
mod mimalloc {
    use std::ffi::c_long;
    use std::sync::Once;

    use libmimalloc_sys::{mi_option_get, mi_option_set, mi_option_t};

    /// `mi_option_purge_delay` in `mimalloc.h` of version 2: milliseconds until freed memory goes back to the system. The
    /// binding has no name for it.
    const PURGE_DELAY: mi_option_t = 15;

    /// What mimalloc has where nobody says otherwise.
    const DEFAULT_DELAY: c_long = 10;

    /// Column writers, each with tables of a megabyte, are made anew for each row group: memory that is kept until then
    /// does not have to be filled with zeros by the system again. That is a few milliseconds later; with a longer delay,
    /// responses take more memory, and pages are not filled with zeros noticeably more seldom.
    const DELAY: c_long = 30;

    pub(super) fn keep_freed_memory() {
        static ONCE: Once = Once::new();
        // SAFETY: both take the numbers of options, of which this is one, and touch nothing but mimalloc's own table.
        // Threads that free memory meanwhile see the one delay or the other.
        ONCE.call_once(|| unsafe {
            if mi_option_get(PURGE_DELAY) == DEFAULT_DELAY {
                mi_option_set(PURGE_DELAY, DELAY);
            }
        });
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_option_is_the_one_that_is_meant() {
            // SAFETY: as above. Other tests may have set it, and another option had another default.
            let before = unsafe { mi_option_get(PURGE_DELAY) };
            assert!(before == DEFAULT_DELAY || before == DELAY, "{before}");
            keep_freed_memory();
            // SAFETY: as above.
            assert_eq!(unsafe { mi_option_get(PURGE_DELAY) }, DELAY);
        }
    }
}
