//! A reader of Thrift's compact protocol, just enough to walk Parquet's footers and page headers.
//!
//! parquet's own parsers of these are not public, and trust sizes that a hostile file states. Layout and numbers are those
//! of <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>.

/// Structs in structs that are followed; Parquet's own nest 5 deep.
const MAX_DEPTH: usize = 32;

/// A position in bytes. Every method gives `None` for bytes that are no valid Thrift, and never panics.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

/// What a field or element holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A boolean, in a field with its value.
    Bool(bool),
    /// One byte.
    Byte,
    /// An integer of 16, 32 or 64 bits: all are written alike.
    Integer,
    /// Eight bytes.
    Double,
    /// A length and bytes.
    Binary,
    /// A list or a set.
    List,
    /// Pairs.
    Map,
    /// Fields.
    Struct,
}

impl Kind {
    fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::Bool(true),
            2 => Self::Bool(false),
            3 => Self::Byte,
            4..=6 => Self::Integer,
            7 => Self::Double,
            8 => Self::Binary,
            9 | 10 => Self::List,
            11 => Self::Map,
            12 => Self::Struct,
            _ => return None,
        })
    }
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, depth: 0 }
    }

    /// Bytes read so far.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// Reads a struct: calls `field` with each field's id and kind, which must read or [`skip`](Self::skip) its value.
    pub(crate) fn read_struct(&mut self, mut field: impl FnMut(&mut Self, i16, Kind) -> Option<()>) -> Option<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut id = 0_i16;
        loop {
            let header = self.byte()?;
            if header == 0 {
                self.depth -= 1;
                return Some(());
            }
            let delta = i16::from(header >> 4);
            id = if delta == 0 { i16::try_from(self.integer()?).ok()? } else { id.checked_add(delta)? };
            field(self, id, Kind::from_code(header & 0x0f)?)?;
        }
    }

    /// Reads a list: calls `element` for each element, which must read or skip it.
    pub(crate) fn read_list(&mut self, mut element: impl FnMut(&mut Self, Kind) -> Option<()>) -> Option<()> {
        let (count, kind) = self.list_header()?;
        (0..count).try_for_each(|_| element(self, kind))
    }

    /// An integer of any width.
    pub(crate) fn integer(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// Passes over a value.
    pub(crate) fn skip(&mut self, kind: Kind) -> Option<()> {
        match kind {
            Kind::Bool(_) => Some(()),
            Kind::Byte => self.advance(1),
            Kind::Integer => self.varint().map(drop),
            Kind::Double => self.advance(8),
            Kind::Binary => {
                let length = self.varint()?;
                self.advance(usize::try_from(length).ok()?)
            }
            Kind::List => self.nested(|reader| reader.read_list(Self::skip_element)),
            Kind::Map => self.nested(|reader| {
                let count = reader.varint()?;
                if count == 0 {
                    return Some(());
                }
                let kinds = reader.byte()?;
                let (key, value) = (Kind::from_code(kinds >> 4)?, Kind::from_code(kinds & 0x0f)?);
                for _ in 0..count {
                    reader.skip_element(key)?;
                    reader.skip_element(value)?;
                }
                Some(())
            }),
            Kind::Struct => self.read_struct(|reader, _, kind| reader.skip(kind)),
        }
    }

    /// Number and kind of a list's elements. The number is at most that of the bytes left, as every element takes one.
    fn list_header(&mut self) -> Option<(usize, Kind)> {
        let header = self.byte()?;
        let count = if header >> 4 == 15 { usize::try_from(self.varint()?).ok()? } else { usize::from(header >> 4) };
        if count == 0 {
            return Some((0, Kind::Byte));
        }
        (count <= self.bytes.len() - self.at).then_some((count, Kind::from_code(header & 0x0f)?))
    }

    /// Elements of lists and maps differ from fields in that booleans take a byte.
    fn skip_element(&mut self, kind: Kind) -> Option<()> {
        self.skip(if matches!(kind, Kind::Bool(_)) { Kind::Byte } else { kind })
    }

    fn nested(&mut self, body: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        body(self)?;
        self.depth -= 1;
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn advance(&mut self, count: usize) -> Option<()> {
        self.at = self.at.checked_add(count).filter(|end| *end <= self.bytes.len())?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_ids_and_values() {
        // 1: i32 = -3, 3: true, 20 (long form): binary "ab", stop
        let bytes = [0x15, 0x05, 0x21, 0x08, 0x28, 0x02, b'a', b'b', 0x00, 0xff];
        let mut reader = Reader::new(&bytes);
        let mut seen = Vec::new();
        let read = reader.read_struct(|reader, id, kind| {
            seen.push((
                id,
                kind,
                if kind == Kind::Integer { reader.integer()? } else { reader.skip(kind).map(|()| 0)? },
            ));
            Some(())
        });
        assert_eq!(read, Some(()));
        assert_eq!(seen, [(1, Kind::Integer, -3), (3, Kind::Bool(true), 0), (20, Kind::Binary, 0)]);
        assert_eq!(reader.position(), 9);
    }

    #[test]
    fn lists_and_maps_are_skipped() {
        // 1: list of 2 booleans, 2: map of 1 i32 to binary, 3: empty list, 4: list of 1 struct
        let bytes = [0x19, 0x21, 1, 2, 0x1b, 0x01, 0x58, 0x02, 0x01, b'x', 0x19, 0x00, 0x19, 0x1c, 0x00, 0x00];
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.skip(Kind::Struct), Some(()));
        assert_eq!(reader.position(), bytes.len());
    }

    #[test]
    fn sizes_beyond_the_bytes_are_refused() {
        for bytes in [&[0x19, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x0f, 0][..], &[0x18, 0x7f, 0], &[0x15], &[0x1d, 0], &[]] {
            assert_eq!(Reader::new(bytes).skip(Kind::Struct), None, "{bytes:?}");
        }
        assert_eq!(Reader::new(&[0xff; 11]).integer(), None);
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert_eq!(Reader::new(&[0x1c; 10_000]).skip(Kind::Struct), None);
        assert_eq!(Reader::new(&[0x19; 10_000]).skip(Kind::Struct), None);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic() {
        let mut state = 7_u64;
        for _ in 0..20_000 {
            let bytes: Vec<u8> = (0..24)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 40) as u8
                })
                .collect();
            let mut reader = Reader::new(&bytes);
            let _ = reader.skip(Kind::Struct);
            assert!(reader.position() <= bytes.len());
        }
    }
}
