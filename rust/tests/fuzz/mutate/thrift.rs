//! Thrift's compact protocol as a tree that can be changed and written back.

use crate::random::Random;

/// A value; `code` is the protocol's number of a type, so that it can lie.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Bool(bool),
    Byte(u8),
    Integer { code: u8, value: i64 },
    Double([u8; 8]),
    Binary(Vec<u8>),
    List { code: u8, of: u8, items: Vec<Value>, claimed: Option<u64> },
    Map { kinds: u8, pairs: Vec<(Value, Value)> },
    Struct(Vec<(i16, Value)>),
}

const LIST: u8 = 9;
const MAP: u8 = 11;
const STRUCT: u8 = 12;
/// Deeper than this a seed is not followed.
const MAX_DEPTH: usize = 40;

impl Value {
    pub fn i32(value: i64) -> Self {
        Self::Integer { code: 5, value }
    }

    pub fn i64(value: i64) -> Self {
        Self::Integer { code: 6, value }
    }

    /// Reads a struct; also gives its length.
    pub fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        let mut at = 0;
        let value = read(bytes, &mut at, STRUCT, 0)?;
        Some((value, at))
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    pub fn field(&self, id: i16) -> Option<&Self> {
        let Self::Struct(fields) = self else { return None };
        fields.iter().find(|(at, _)| *at == id).map(|(_, value)| value)
    }

    pub fn field_mut(&mut self, id: i16) -> Option<&mut Self> {
        let Self::Struct(fields) = self else { return None };
        fields.iter_mut().find(|(at, _)| *at == id).map(|(_, value)| value)
    }

    /// Changes a field, or adds it.
    pub fn set(&mut self, id: i16, value: Self) {
        let Self::Struct(fields) = self else { return };
        if let Some((_, old)) = fields.iter_mut().find(|(at, _)| *at == id) {
            *old = value;
            return;
        }
        fields.push((id, value));
        fields.sort_by_key(|(at, _)| *at);
    }

    pub fn remove(&mut self, id: i16) {
        if let Self::Struct(fields) = self {
            fields.retain(|(at, _)| *at != id);
        }
    }

    pub fn integer(&self) -> Option<i64> {
        let Self::Integer { value, .. } = self else { return None };
        Some(*value)
    }

    /// An integer field.
    pub fn number(&self, id: i16) -> Option<i64> {
        self.field(id)?.integer()
    }

    pub fn items(&self) -> &[Self] {
        let Self::List { items, .. } = self else { return &[] };
        items
    }

    pub fn items_mut(&mut self) -> Option<&mut Vec<Self>> {
        let Self::List { items, .. } = self else { return None };
        Some(items)
    }

    /// Every value of the tree, this one first.
    pub fn visit(&mut self, visitor: &mut dyn FnMut(&mut Self)) {
        visitor(self);
        match self {
            Self::List { items, .. } => items.iter_mut().for_each(|item| item.visit(visitor)),
            Self::Map { pairs, .. } => pairs.iter_mut().for_each(|(key, value)| {
                key.visit(visitor);
                value.visit(visitor);
            }),
            Self::Struct(fields) => fields.iter_mut().for_each(|(_, value)| value.visit(visitor)),
            _ => {}
        }
    }

    pub fn count(&mut self) -> usize {
        let mut count = 0;
        self.visit(&mut |_| count += 1);
        count
    }

    /// A copy of one value of the tree.
    pub fn nth(&mut self, wanted: usize) -> Option<Self> {
        let (mut at, mut found) = (0, None);
        self.visit(&mut |value| {
            if at == wanted {
                found = Some(value.clone());
            }
            at += 1;
        });
        found
    }

    /// Changes one value somewhere in the tree; says how.
    pub fn mutate(&mut self, random: &mut Random) -> String {
        let (count, donors) = (self.count(), self.count());
        let donor = self.nth(random.below(donors));
        let wanted = random.below(count);
        let (mut at, mut said) = (0, String::new());
        self.visit(&mut |value| {
            if at == wanted {
                let before = value.brief();
                value.mutate_self(random, donor.as_ref());
                said = format!("value {wanted} of {count}: {before} -> {}", value.brief());
            }
            at += 1;
        });
        said
    }

    fn mutate_self(&mut self, random: &mut Random, donor: Option<&Self>) {
        if random.one_in(12)
            && let Some(donor) = donor
        {
            *self = donor.clone();
            return;
        }
        match self {
            Self::Bool(value) => *value = !*value,
            Self::Byte(value) => *value = random.next() as u8,
            Self::Integer { code, value } => match (donor, random.below(8)) {
                (Some(Self::Integer { value: other, .. }), 0..4) => *value = *other,
                (_, 7) => *code = random.one_of(&[3, 4, 5, 6, 8]),
                _ => *value = random.number_like(*value),
            },
            Self::Double(bytes) => bytes.copy_from_slice(&random.next().to_le_bytes()),
            Self::Binary(bytes) => super::bytes::mutate_once(bytes, random),
            Self::List { of, items, claimed, .. } => match random.below(8) {
                0 => items.clear(),
                1 => drop(items.pop()),
                2 if !items.is_empty() => drop(items.remove(random.below(items.len()))),
                3 if !items.is_empty() => {
                    let copy = random.one_of(items);
                    let times = 1 + random.size();
                    items.extend(std::iter::repeat_n(copy, times));
                }
                4 if items.len() > 1 => {
                    let (a, b) = (random.below(items.len()), random.below(items.len()));
                    items.swap(a, b);
                }
                5 => *of = random.below(16) as u8,
                6 => items.extend(donor.cloned()),
                _ => *claimed = Some(random.number_like(items.len() as i64).cast_unsigned()),
            },
            Self::Map { kinds, .. } => *kinds = random.next() as u8,
            Self::Struct(fields) => match random.below(4) {
                0 if !fields.is_empty() => drop(fields.remove(random.below(fields.len()))),
                1 if !fields.is_empty() => fields.push(random.one_of(fields)),
                2 if !fields.is_empty() => {
                    let at = random.below(fields.len());
                    fields[at].0 = random.below(20) as i16;
                }
                _ => fields.extend(donor.map(|donor| (random.below(20) as i16, donor.clone()))),
            },
        }
    }

    fn brief(&self) -> String {
        let text = format!("{self:?}");
        text.chars().take(60).collect()
    }

    fn code(&self) -> u8 {
        match self {
            Self::Bool(true) => 1,
            Self::Bool(false) => 2,
            Self::Byte(_) => 3,
            Self::Integer { code, .. } | Self::List { code, .. } => *code,
            Self::Double(_) => 7,
            Self::Binary(_) => 8,
            Self::Map { .. } => MAP,
            Self::Struct(_) => STRUCT,
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Bool(value) => out.push(if *value { 1 } else { 2 }),
            Self::Byte(value) => out.push(*value),
            Self::Integer { value, .. } => write_varint(out, zigzag(*value)),
            Self::Double(bytes) => out.extend_from_slice(bytes),
            Self::Binary(bytes) => {
                write_varint(out, bytes.len() as u64);
                out.extend_from_slice(bytes);
            }
            Self::List { of, items, claimed, .. } => {
                let count = claimed.unwrap_or(items.len() as u64);
                if count < 15 {
                    out.push((count as u8) << 4 | of);
                } else {
                    out.push(0xf0 | of);
                    write_varint(out, count);
                }
                for item in items {
                    item.write(out);
                }
            }
            Self::Map { kinds, pairs } => {
                write_varint(out, pairs.len() as u64);
                if !pairs.is_empty() {
                    out.push(*kinds);
                }
                for (key, value) in pairs {
                    key.write(out);
                    value.write(out);
                }
            }
            Self::Struct(fields) => {
                let mut last = 0_i16;
                for (id, value) in fields {
                    let delta = i32::from(*id) - i32::from(last);
                    if (1..16).contains(&delta) {
                        out.push((delta as u8) << 4 | value.code());
                    } else {
                        out.push(value.code());
                        write_varint(out, zigzag(i64::from(*id)));
                    }
                    if !matches!(value, Self::Bool(_)) {
                        value.write(out);
                    }
                    last = *id;
                }
                out.push(0);
            }
        }
    }
}

pub fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

fn read_varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn take<'a>(bytes: &'a [u8], at: &mut usize, length: usize) -> Option<&'a [u8]> {
    let taken = bytes.get(*at..at.checked_add(length)?)?;
    *at += length;
    Some(taken)
}

fn read(bytes: &[u8], at: &mut usize, code: u8, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    Some(match code {
        1 | 2 => Value::Bool(take(bytes, at, 1)?[0] == 1),
        3 => Value::Byte(take(bytes, at, 1)?[0]),
        4..=6 => {
            let value = read_varint(bytes, at)?;
            Value::Integer { code, value: (value >> 1).cast_signed() ^ -(value & 1).cast_signed() }
        }
        7 => Value::Double(take(bytes, at, 8)?.try_into().ok()?),
        8 => {
            let length = usize::try_from(read_varint(bytes, at)?).ok()?;
            Value::Binary(take(bytes, at, length)?.to_vec())
        }
        LIST | 10 => {
            let header = take(bytes, at, 1)?[0];
            let count = if header >> 4 == 15 { read_varint(bytes, at)? } else { u64::from(header >> 4) };
            let of = header & 15;
            let mut items = Vec::new();
            for _ in 0..count {
                items.push(read(bytes, at, of, depth + 1)?);
            }
            Value::List { code, of, items, claimed: None }
        }
        MAP => {
            let count = read_varint(bytes, at)?;
            let kinds = if count > 0 { take(bytes, at, 1)?[0] } else { 0 };
            let mut pairs = Vec::new();
            for _ in 0..count {
                pairs.push((read(bytes, at, kinds >> 4, depth + 1)?, read(bytes, at, kinds & 15, depth + 1)?));
            }
            Value::Map { kinds, pairs }
        }
        STRUCT => {
            let (mut fields, mut id) = (Vec::new(), 0_i16);
            loop {
                let header = take(bytes, at, 1)?[0];
                if header == 0 {
                    return Some(Value::Struct(fields));
                }
                let (delta, kind) = (i16::from(header >> 4), header & 15);
                id = if delta == 0 {
                    let raw = read_varint(bytes, at)?;
                    i16::try_from((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed()).ok()?
                } else {
                    id.checked_add(delta)?
                };
                let value = match kind {
                    1 | 2 => Value::Bool(kind == 1),
                    other => read(bytes, at, other, depth + 1)?,
                };
                fields.push((id, value));
            }
        }
        _ => return None,
    })
}
