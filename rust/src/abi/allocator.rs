//! How the allocator gets memory from the system, and how long it keeps what was freed.

/// Sets the allocator up, but for what the environment says (`MIMALLOC_PURGE_DELAY`, `MIMALLOC_ALLOW_THP`). Called before
/// anything is allocated.
pub(super) fn set_up() {
    #[cfg(feature = "mimalloc")]
    mimalloc::set_up();
}

#[cfg(feature = "mimalloc")]
mod mimalloc {
    use std::ffi::c_long;
    use std::sync::Once;

    use libmimalloc_sys::{mi_option_set_default, mi_option_t};

    use crate::memory::free_page_reporting;

    // Options in `mimalloc.h` of version 2; the binding has no names for them.
    /// Milliseconds until freed memory goes back to the system.
    const PURGE_DELAY: mi_option_t = 15;
    /// Whether the system is asked for huge pages.
    const ALLOW_THP: mi_option_t = 37;

    /// Column writers, each with tables of a megabyte, are made anew for each row group: memory that is kept until then
    /// does not have to be filled with zeros by the system again. That is a few milliseconds later; with a longer delay,
    /// responses take more memory, and pages are not filled with zeros noticeably more seldom.
    const DELAY: c_long = 30;

    pub(super) fn set_up() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            set(PURGE_DELAY, DELAY);
            if free_page_reporting::is_on() {
                set(ALLOW_THP, 0);
            }
        });
    }

    /// Sets an option, unless the environment does.
    fn set(option: mi_option_t, value: c_long) {
        // SAFETY: it takes the number of an option, of which these are two, and touches nothing but mimalloc's own table.
        // Threads that ask for the option meanwhile see the one value or the other.
        unsafe { mi_option_set_default(option, value) }
    }

    #[cfg(test)]
    mod tests {
        use libmimalloc_sys::{_mi_option_last, mi_option_get};

        use super::*;

        #[test]
        fn the_options_are_those_that_are_meant() {
            /// What mimalloc has where nobody says otherwise, which is no other option's default.
            const DEFAULT_DELAY: c_long = 10;
            // SAFETY: it reads mimalloc's table.
            let delay = || unsafe { mi_option_get(PURGE_DELAY) };
            // Other tests may have set it.
            assert!([DEFAULT_DELAY, DELAY].contains(&delay()), "{}", delay());
            set_up();
            assert_eq!(delay(), DELAY);
            assert_eq!(ALLOW_THP + 1, _mi_option_last);
        }
    }
}
