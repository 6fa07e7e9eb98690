//! Changes of bytes that know nothing of a format.

use crate::random::Random;

/// Changes bytes once, near their start more often than elsewhere.
pub fn mutate_once(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = place(bytes.len(), random);
    let run = (1 + random.size()).min(bytes.len() - at);
    match random.below(14) {
        0..=3 if run > 0 => {
            bytes[at] = random.one_of(&[0, 1, 2, 3, 4, 0x7f, 0x80, 0xfe, 0xff, random.clone().next() as u8]);
        }
        4 if run > 0 => bytes[at] ^= 1 << random.below(8),
        5 | 6 => set_word(bytes, at, random),
        7 => drop(bytes.drain(at..at + run)),
        8 => {
            let length = 1 + random.size();
            let new =
                if random.one_in(2) { vec![random.one_of(&[0, 0xff, 0x80]); length] } else { random.bytes(length) };
            bytes.splice(at..at, new);
        }
        9 if run > 0 => {
            let copy = bytes[at..at + run].to_vec();
            let to = random.below(bytes.len());
            bytes.splice(to..to, copy);
        }
        10 if run > 0 => bytes[at..at + run].fill(random.one_of(&[0, 0xff, 0x80, 0x7f])),
        11 => bytes.truncate(at),
        12 => {
            let mut varint = Vec::new();
            super::thrift::write_varint(&mut varint, random.number_like(1).cast_unsigned());
            let end = (at + varint.len()).min(bytes.len());
            bytes.splice(at..end, varint);
        }
        _ => {
            let length = random.size();
            bytes.extend(random.bytes(length));
        }
    }
}

/// Replaces a little-endian word of 2, 4 or 8 bytes, aligned as a rule.
pub fn set_word(bytes: &mut [u8], at: usize, random: &mut Random) {
    let width = random.one_of(&[2, 4, 4, 8]);
    let at = if random.one_in(8) { at } else { at / width * width };
    let Some(word) = bytes.get_mut(at..at + width) else { return };
    let mut old = [0; 8];
    old[..width].copy_from_slice(word);
    let new = random.number_like(i64::from_le_bytes(old)).to_le_bytes();
    word.copy_from_slice(&new[..width]);
}

/// Moves a run of another file's bytes into these.
pub fn cross(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let from = random.below(other.len());
    let run = (1 + random.size()).min(other.len() - from);
    let to = random.below(bytes.len());
    let end = if random.one_in(2) { to } else { (to + run).min(bytes.len()) };
    bytes.splice(to..end, other[from..from + run].iter().copied());
}

fn place(length: usize, random: &mut Random) -> usize {
    let end = if random.one_in(2) { length.min(24) } else { length };
    random.below(end).min(length.saturating_sub(1))
}
