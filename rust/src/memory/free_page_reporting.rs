//! Whether a hypervisor takes back what this machine has free.
//!
//! Linux then reports free blocks of huge pages every two seconds, and who touches one of these next waits until the
//! hypervisor has backed it again, page by page. On a machine of Firecracker, two megabytes took 5 ms as one huge page,
//! 0.2 ms where they had not been reported, and 0.9 ms as small pages in either case, since these come from pieces that
//! are too small to be reported.
//!
//! Source: Virtual I/O Device (VIRTIO) 1.2, section 5.5, feature `VIRTIO_BALLOON_F_PAGE_REPORTING`.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A digit for each feature that driver and device agreed on; `#` is the device's number.
const FEATURES: &[u8; 55] = b"/sys/bus/virtio/drivers/virtio_balloon/virtio#/features";
const PAGE_REPORTING: usize = 5;

/// Whether one does, as far as one of the first ten devices tells. Allocates nothing, since the allocator wants to know
/// before it does.
#[must_use]
pub fn is_on() -> bool {
    (b'0'..=b'9').any(|number| {
        let path = FEATURES.map(|byte| if byte == b'#' { number } else { byte });
        str::from_utf8(&path).is_ok_and(|path| has_page_reporting(Path::new(path)))
    })
}

fn has_page_reporting(features: &Path) -> bool {
    let mut first = [0; PAGE_REPORTING + 1];
    let read = File::open(features).and_then(|mut file| file.read_exact(&mut first));
    read.is_ok() && first[PAGE_REPORTING] == b'1'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_feature_of_a_balloon_is_page_reporting() {
        let file = tempfile::NamedTempFile::new().expect("file");
        let cases = [("0110010100000000\n", true), ("0110000100000000\n", false), ("01100", false), ("", false)];
        for (features, expected) in cases {
            std::fs::write(file.path(), features).expect("file");
            assert_eq!(has_page_reporting(file.path()), expected, "{features}");
        }
        assert!(!has_page_reporting(Path::new("no such file")));
    }
}
