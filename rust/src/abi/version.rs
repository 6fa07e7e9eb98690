//! The version of the interface, which a runtime asks for when it has loaded the library.

use crate::abi::allocator;

/// Changes with every change of a function, an outcome or a layout.
const ABI_VERSION: u32 = 7;

/// Version of this interface; asked for before anything else.
#[unsafe(no_mangle)]
pub extern "C" fn spw_abi_version() -> u32 {
    allocator::set_up();
    ABI_VERSION
}
