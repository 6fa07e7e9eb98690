//! A Parquet file, changed in one to four places.

use super::bytes::{cross, mutate_once};
use super::layout::{Layout, footer_of, with_footer};
use super::thrift::Value;
use super::{footer, pages};
use crate::random::Random;

/// Changes a file; what was done is added to `trace`.
pub fn mutate(file: &[u8], other: &[u8], random: &mut Random, trace: &mut Vec<String>) -> Vec<u8> {
    let how = random.below(20);
    if how < 4 {
        return mutate_bytes(file.to_vec(), other, random, trace);
    }
    let Some(mut layout) = Layout::parse(file) else {
        trace.push("no sound file".into());
        return mutate_bytes(file.to_vec(), other, random, trace);
    };
    if random.one_in(6) {
        layout.add_checksums();
        trace.push("checksums".into());
    }
    if how < 16 {
        for _ in 0..times(random) {
            trace.push(pages::mutate(&mut layout, random));
        }
    }
    let (data, mut tree) = if how < 16 { layout.write() } else { in_place(file, &layout) };
    if how >= 12 {
        for _ in 0..times(random) {
            trace.push(format!("footer: {}", footer::mutate(&mut tree, random)));
        }
    }
    let mut bytes = tree.to_bytes();
    if random.one_in(40) {
        mutate_once(&mut bytes, random);
        trace.push("bytes of the footer".into());
    }
    with_footer(data, &bytes)
}

/// One change as a rule: more tell less, and are refused sooner.
fn times(random: &mut Random) -> usize {
    random.one_of(&[1, 1, 1, 1, 2, 3])
}

fn in_place(file: &[u8], layout: &Layout) -> (Vec<u8>, Value) {
    let end = footer_of(file).map_or(file.len(), |(_, start)| start);
    (file[..end].to_vec(), layout.footer.clone())
}

fn mutate_bytes(mut file: Vec<u8>, other: &[u8], random: &mut Random, trace: &mut Vec<String>) -> Vec<u8> {
    for _ in 0..times(random) {
        let before = file.len();
        match random.below(8) {
            0 if !other.is_empty() => cross(&mut file, other, random),
            // Within the footer, which is at the end.
            1 | 2 if file.len() > 16 => {
                let back = 8 + random.below(file.len().min(600) - 8);
                let at = file.len() - back;
                let end = (at + 16).min(file.len() - 8).max(at);
                let mut part = file[at..end].to_vec();
                mutate_once(&mut part, random);
                file.splice(at..end, part);
            }
            3 => {
                let rest = random.below(file.len());
                file.truncate(rest);
            }
            4 if file.len() > 8 => {
                let at = file.len() - 8;
                super::bytes::set_word(&mut file[at..at + 4], 0, random);
            }
            _ => {
                let at = random.below(file.len());
                let mut part = file.split_off(at);
                mutate_once(&mut part, random);
                file.extend(part);
            }
        }
        trace.push(format!("bytes of the file, {before} before and {} after", file.len()));
    }
    file
}
