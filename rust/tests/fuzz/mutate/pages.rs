//! Changes within column chunks: headers, levels, runs, dictionary codes, lengths, indexes.

use super::bytes::{mutate_once, set_word};
use super::layout::{Body, Chunk, Layout, Page, codec_of};
use super::thrift::{Value, write_varint};
use crate::random::Random;

/// Most bytes that a bomb stands for.
const BOMB: usize = 300 << 20;

/// Changes one thing in the pages or indexes; says what.
pub fn mutate(layout: &mut Layout, random: &mut Random) -> String {
    let group = random.below(layout.row_groups.len());
    let Some(chunks) = layout.row_groups.get_mut(group).filter(|chunks| !chunks.is_empty()) else {
        return "no column chunk".into();
    };
    let column = random.below(chunks.len());
    let donor = random.one_of(chunks);
    let chunk = &mut chunks[column];
    let said = match random.below(20) {
        0..10 => mutate_body(chunk, random),
        10..14 => mutate_header(chunk, random),
        14 => mutate_order(chunk, &donor, random),
        15 | 16 => mutate_index(&mut chunk.offset_index, "offset index", random),
        17 => mutate_index(&mut chunk.column_index, "column index", random),
        18 => mutate_bloom(chunk, random),
        _ if random.one_in(20) => bomb(chunk, random),
        _ => mutate_stored(chunk, random),
    };
    format!("row group {group}, column {column}: {said}")
}

fn any_page<'a>(chunk: &'a mut Chunk, random: &mut Random) -> Option<(usize, &'a mut Page)> {
    let at = random.below(chunk.pages.len());
    Some((at, chunk.pages.get_mut(at)?))
}

fn mutate_body(chunk: &mut Chunk, random: &mut Random) -> String {
    let codec = chunk.codec;
    let Some((at, page)) = any_page(chunk, random) else { return "no page".into() };
    let Some(mut body) = page.body(codec) else { return format!("page {at} cannot be decompressed") };
    let said = if !body.levels.is_empty() && random.one_in(3) {
        mutate_once(&mut body.levels, random);
        "levels"
    } else {
        mutate_values(&mut body, random)
    };
    page.set_body(&body, codec);
    // Else the header tells the old length, and shows where parts end.
    if random.one_in(6) {
        let plain = page.header.number(2).unwrap_or(0);
        page.header.set(2, Value::i32(random.number_like(plain)));
    }
    format!("page {at}: {said} of {} bytes", body.values.len())
}

fn mutate_values(body: &mut Body, random: &mut Random) -> &'static str {
    let values = &mut body.values;
    // A page of version 1 begins with levels, each with its length in front.
    let length = values.get(..4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes) as usize;
    let after = length.saturating_add(4);
    match random.below(8) {
        0 if after < values.len() => {
            let end = (after + 12).min(values.len());
            let mut part = values[after..end].to_vec();
            mutate_once(&mut part, random);
            values.splice(after..end, part);
            "start of what follows the first levels"
        }
        1 if values.len() > 4 => {
            set_word(&mut values[..4], 0, random);
            "length of the first levels"
        }
        2 if !values.is_empty() => {
            values[0] = random.next() as u8;
            "first byte, which may be a bit width"
        }
        3 => {
            // A run of any length of any value.
            let at = random.below(values.len().min(24));
            let mut run = Vec::new();
            write_varint(&mut run, random.number_like(9).cast_unsigned());
            run.extend(random.bytes(4));
            let end = (at + run.len()).min(values.len());
            values.splice(at..end, run);
            "a run"
        }
        4 => {
            let at = random.below(values.len());
            set_word(values, at, random);
            "a word"
        }
        _ => {
            mutate_once(values, random);
            "bytes"
        }
    }
}

fn mutate_header(chunk: &mut Chunk, random: &mut Random) -> String {
    let Some((at, page)) = any_page(chunk, random) else { return "no page".into() };
    let body = [5, 7, 8].into_iter().find(|id| page.header.field(*id).is_some());
    if let (Some(id), true) = (body, random.one_in(2)) {
        // Counts, encodings and lengths of levels.
        let inner = page.header.field_mut(id).expect("found above");
        let field = 1 + random.below(6) as i16;
        if let Some(Value::Integer { value, .. }) = inner.field_mut(field) {
            let old = *value;
            *value = if random.one_in(2) { random.below(10) as i64 } else { random.number_like(old) };
            return format!("header of page {at}: field {id}.{field} from {old} to {value}");
        }
    }
    format!("header of page {at}: {}", page.header.mutate(random))
}

fn mutate_order(chunk: &mut Chunk, donor: &Chunk, random: &mut Random) -> String {
    let Some(foreign) = donor.pages.get(random.below(donor.pages.len())).cloned() else { return "no page".into() };
    let at = random.below(chunk.pages.len().max(1));
    match random.below(5) {
        0 if !chunk.pages.is_empty() => drop(chunk.pages.remove(at)),
        1 if at < chunk.pages.len() => chunk.pages[at] = foreign,
        2 if chunk.pages.len() > 1 => chunk.pages.swap(0, at),
        3 if at < chunk.pages.len() => {
            let copy = chunk.pages[at].clone();
            chunk.pages.insert(at, copy);
        }
        _ => chunk.pages.insert(at.min(chunk.pages.len()), foreign),
    }
    format!("pages at {at} moved, lost or from another column")
}

fn mutate_index(index: &mut Option<Value>, name: &str, random: &mut Random) -> String {
    let Some(index) = index else { return format!("no {name}") };
    format!("{name}: {}", index.mutate(random))
}

fn mutate_bloom(chunk: &mut Chunk, random: &mut Random) -> String {
    let Some((header, bits)) = &mut chunk.bloom_filter else { return "no Bloom filter".into() };
    if random.one_in(2) {
        return format!("Bloom filter: {}", header.mutate(random));
    }
    mutate_once(bits, random);
    "bits of the Bloom filter".into()
}

/// What the decompressor sees.
fn mutate_stored(chunk: &mut Chunk, random: &mut Random) -> String {
    let Some((at, page)) = any_page(chunk, random) else { return "no page".into() };
    mutate_once(&mut page.body, random);
    if random.one_in(2) {
        page.sign();
    }
    format!("stored bytes of page {at}")
}

/// Few bytes that decompress to very many.
fn bomb(chunk: &mut Chunk, random: &mut Random) -> String {
    let codec = chunk.codec;
    let Some((at, page)) = any_page(chunk, random) else { return "no page".into() };
    if codec_of(codec).is_none() {
        return "no codec for a bomb".into();
    }
    let old = page.header.number(2).unwrap_or(0);
    let bytes = BOMB >> random.below(8);
    page.set_body(&Body { levels: Vec::new(), values: vec![0; bytes] }, codec);
    if random.one_in(2) {
        page.header.set(2, Value::i32(old));
    }
    format!("page {at}: a bomb of {bytes} bytes")
}
