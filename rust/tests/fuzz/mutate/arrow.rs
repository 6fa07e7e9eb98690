//! Arrow IPC, changed message by message: metadata, counts of nodes, places of buffers, bodies.

use arrow_ipc::root_as_message;

use super::bytes::{cross, mutate_once, set_word};
use crate::random::Random;

const MAGIC: &[u8] = b"ARROW1\0\0";

/// A message as it is stored.
#[derive(Debug, Clone)]
struct Message {
    metadata: Vec<u8>,
    body: Vec<u8>,
}

/// Changes a stream or file; what was done is added to `trace`.
pub fn mutate(file: &[u8], other: &[u8], random: &mut Random, trace: &mut Vec<String>) -> Vec<u8> {
    let is_file = file.starts_with(MAGIC);
    let (mut messages, rest) = messages(&file[if is_file { MAGIC.len() } else { 0 }..]);
    if messages.is_empty() || random.one_in(6) {
        let mut bytes = file.to_vec();
        if random.one_in(5) && !other.is_empty() {
            cross(&mut bytes, other, random);
        } else {
            let at = random.below(bytes.len());
            let mut part = bytes.split_off(at);
            mutate_once(&mut part, random);
            bytes.extend(part);
        }
        trace.push(format!("bytes, {} after", bytes.len()));
        return bytes;
    }
    let mut rest = rest.to_vec();
    for _ in 0..random.one_of(&[1, 1, 1, 2, 3]) {
        if is_file && random.one_in(8) {
            // The footer, with the place of each message.
            let at = random.below(rest.len());
            set_word(&mut rest, at, random);
            trace.push(format!("a word of the footer at {at}"));
        } else {
            trace.push(mutate_message(&mut messages, random));
        }
    }
    let mut out = if is_file { MAGIC.to_vec() } else { Vec::new() };
    for message in messages {
        out.extend([0xff; 4]);
        out.extend((message.metadata.len() as u32).to_le_bytes());
        out.extend(message.metadata);
        out.extend(message.body);
    }
    out.extend(rest);
    out
}

/// The messages of a sound stream, and what comes after them.
fn messages(mut bytes: &[u8]) -> (Vec<Message>, &[u8]) {
    let mut messages = Vec::new();
    while let Some((message, rest)) = next(bytes) {
        messages.push(message);
        bytes = rest;
    }
    (messages, bytes)
}

fn next(bytes: &[u8]) -> Option<(Message, &[u8])> {
    let (head, rest) = bytes.split_at_checked(8)?;
    let length = u32::from_le_bytes(head[4..].try_into().ok()?) as usize;
    if head[..4] != [0xff; 4] || length == 0 {
        return None;
    }
    let (metadata, rest) = rest.split_at_checked(length)?;
    let body = usize::try_from(root_as_message(metadata).ok()?.bodyLength()).ok()?;
    let (body, rest) = rest.split_at_checked(body)?;
    Some((Message { metadata: metadata.to_vec(), body: body.to_vec() }, rest))
}

fn mutate_message(messages: &mut Vec<Message>, random: &mut Random) -> String {
    let at = random.below(messages.len());
    let said = match random.below(16) {
        0..5 => mutate_places(&mut messages[at], random),
        5..8 => {
            let metadata = &mut messages[at].metadata;
            let place = random.below(metadata.len());
            set_word(metadata, place, random);
            format!("word of the metadata at {place}")
        }
        8..12 => {
            let body = &mut messages[at].body;
            if random.one_in(3) {
                mutate_once(body, random);
            } else {
                let place = random.below(body.len());
                set_word(body, place, random);
            }
            "body".into()
        }
        12 => {
            mutate_once(&mut messages[at].metadata, random);
            "bytes of the metadata".into()
        }
        13 => {
            let copy = messages[at].clone();
            let to = random.below(messages.len() + 1);
            messages.insert(to, copy);
            format!("copied to {to}")
        }
        14 if messages.len() > 1 => {
            drop(messages.remove(at));
            "removed".into()
        }
        _ => {
            let to = random.below(messages.len());
            messages.swap(at, to);
            format!("swapped with {to}")
        }
    };
    format!("message {at}: {said}")
}

/// Lengths and null counts of nodes, offsets and lengths of buffers.
fn mutate_places(message: &mut Message, random: &mut Random) -> String {
    let Some((start, length, what)) = place_of_structs(&message.metadata, random.one_in(2)) else {
        return "no nodes or buffers".into();
    };
    let words = length / 8;
    let word = random.below(words);
    let at = start + word * 8;
    let Some(bytes) = message.metadata.get_mut(at..at + 8).filter(|_| words > 0) else {
        return format!("no {what}");
    };
    let old = i64::from_le_bytes((&*bytes).try_into().expect("8 bytes"));
    let new = if random.one_in(3) { random.below(4096) as i64 } else { random.number_like(old) };
    bytes.copy_from_slice(&new.to_le_bytes());
    format!("{what} word {word} from {old} to {new}")
}

fn place_of_structs(metadata: &[u8], nodes: bool) -> Option<(usize, usize, &'static str)> {
    let message = root_as_message(metadata).ok()?;
    let dictionary = message.header_as_dictionary_batch();
    let batch = message.header_as_record_batch().or_else(|| dictionary?.data())?;
    let (bytes, what) = if nodes { (batch.nodes()?.bytes(), "nodes'") } else { (batch.buffers()?.bytes(), "buffers'") };
    Some((bytes.as_ptr() as usize - metadata.as_ptr() as usize, bytes.len(), what))
}
