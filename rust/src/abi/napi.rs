//! The one function of Node-API: an `ArrayBuffer` that owns native memory, for Deno.
//!
//! `Deno.UnsafePointerView` makes buffers that own nothing: they dangle once the memory is freed, and V8 does not count
//! them. `napi_create_external_arraybuffer` makes buffers with a deleter, which V8 calls when the backing store dies, also
//! after it was transferred to a worker, and whose bytes it counts. The functions of Node-API are looked up in the
//! process that loaded the library, so that it loads where there are none.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::OnceLock;

use crate::abi::slot;

type Env = *mut c_void;
type Value = *mut c_void;
type Callback = unsafe extern "C" fn(Env, *mut c_void) -> Value;
type Finalizer = unsafe extern "C" fn(Env, *mut c_void, *mut c_void);

/// The functions of Node-API that are used, as `js_native_api.h` declares them.
struct Functions {
    get_cb_info: unsafe extern "C" fn(Env, *mut c_void, *mut usize, *mut Value, *mut Value, *mut *mut c_void) -> c_int,
    get_value_double: unsafe extern "C" fn(Env, Value, *mut f64) -> c_int,
    create_external_arraybuffer:
        unsafe extern "C" fn(Env, *mut c_void, usize, Finalizer, *mut c_void, *mut Value) -> c_int,
    create_function: unsafe extern "C" fn(Env, *const c_char, usize, Callback, *mut c_void, *mut Value) -> c_int,
    set_named_property: unsafe extern "C" fn(Env, Value, *const c_char, Value) -> c_int,
}

const OK: c_int = 0;

/// The function of this name in the process that loaded the library.
///
/// # Safety
/// `T` is the function's pointer type.
#[cfg(unix)]
unsafe fn find<T: Copy>(name: &CStr) -> Option<T> {
    const { assert!(size_of::<T>() == size_of::<*mut c_void>()) };
    // SAFETY: `dlsym` takes a pseudo-handle and a terminated string, and has no other precondition.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    // SAFETY: by the caller's promise the address is a function of type `T`, which is as large as an address.
    (!address.is_null()).then(|| unsafe { std::mem::transmute_copy(&address) })
}

/// There are none.
///
/// # Safety
/// Always.
#[cfg(not(unix))]
unsafe fn find<T: Copy>(_name: &CStr) -> Option<T> {
    None
}

fn functions() -> Option<&'static Functions> {
    static FUNCTIONS: OnceLock<Option<Functions>> = OnceLock::new();
    // SAFETY: Node-API fixes the type of each of these functions, for all of its versions.
    let load = || unsafe {
        Some(Functions {
            get_cb_info: find(c"napi_get_cb_info")?,
            get_value_double: find(c"napi_get_value_double")?,
            create_external_arraybuffer: find(c"napi_create_external_arraybuffer")?,
            create_function: find(c"napi_create_function")?,
            set_named_property: find(c"napi_set_named_property")?,
        })
    };
    FUNCTIONS.get_or_init(load).as_ref()
}

/// Called by the runtime when an adopted buffer's backing store dies, on whichever thread that happens.
///
/// # Safety
/// The hint is a slot that `adopt` was given, and this is the only call for it.
unsafe extern "C" fn finalize(_env: Env, _data: *mut c_void, slot: *mut c_void) {
    crate::abi::guard::guard((), || {
        // SAFETY: the hint is the slot that `adopt` was given, and the runtime calls this once.
        unsafe { slot::free(slot) };
        Ok(())
    });
}

/// `adopt(address, byteLength, slot)`: an `ArrayBuffer` over the memory that owns the slot; `undefined` on failure.
///
/// # Safety
/// The runtime calls this, with a live environment and call info; the three numbers are of one descriptor.
unsafe extern "C" fn adopt(env: Env, info: *mut c_void) -> Value {
    let null = std::ptr::null_mut();
    let Some(napi) = functions() else { return null };
    let mut arguments = [null; 3];
    let mut count = arguments.len();
    // SAFETY: the runtime passes a live environment and call info; the arrays are as long as `count` says.
    let status =
        unsafe { (napi.get_cb_info)(env, info, &raw mut count, arguments.as_mut_ptr(), null.cast(), null.cast()) };
    if status != OK || count < arguments.len() {
        return null;
    }
    let mut numbers = [0_f64; 3];
    for (argument, number) in arguments.iter().zip(&mut numbers) {
        // SAFETY: the argument is a live value of this call, and the target is a double.
        if unsafe { (napi.get_value_double)(env, *argument, number) } != OK {
            return null;
        }
    }
    let [address, length, slot] = numbers.map(|number| number as usize);
    let mut buffer = null;
    // SAFETY: address, length and slot come from one descriptor: the memory lives until `finalize` frees its slot.
    unsafe {
        (napi.create_external_arraybuffer)(
            env,
            address as *mut c_void,
            length,
            finalize,
            slot as *mut c_void,
            &raw mut buffer,
        )
    };
    buffer
}

/// Entry point of Node-API: exports `adopt`.
///
/// # Safety
/// Called by a runtime's loader, with a live environment and exports object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn napi_register_module_v1(env: Env, exports: Value) -> Value {
    let Some(napi) = functions() else { return exports };
    let name = c"adopt";
    let mut function = std::ptr::null_mut();
    // SAFETY: the environment and the exports object are live, the name is terminated, `adopt` has the callback's type.
    unsafe {
        let created = (napi.create_function)(
            env,
            name.as_ptr(),
            name.count_bytes(),
            adopt,
            std::ptr::null_mut(),
            &raw mut function,
        );
        if created == OK {
            (napi.set_named_property)(env, exports, name.as_ptr(), function);
        }
    }
    exports
}
