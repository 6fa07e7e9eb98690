//! A Parquet file in its parts, which can be changed and put together again with offsets that are right.

use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::compression::{CodecOptions, create_codec};

use super::thrift::Value;

const MAGIC: &[u8] = b"PAR1";
/// A page that is said to have more bytes is left as it is.
const LARGEST: usize = 64 << 20;
/// The field of a page's header.
const CHECKSUM: i16 = 4;

/// A file.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Row groups, and the column chunks of each.
    pub row_groups: Vec<Vec<Chunk>>,
    pub footer: Value,
}

/// A column chunk, with what the footer points to for it.
#[derive(Debug, Clone)]
pub struct Chunk {
    pub codec: i64,
    pub pages: Vec<Page>,
    pub column_index: Option<Value>,
    pub offset_index: Option<Value>,
    /// Header and bits.
    pub bloom_filter: Option<(Value, Vec<u8>)>,
}

/// A page as it is stored.
#[derive(Debug, Clone)]
pub struct Page {
    pub header: Value,
    pub body: Vec<u8>,
}

/// What is told apart in a page: a prefix that is never compressed, and the rest, decompressed.
#[derive(Debug, Clone)]
pub struct Body {
    pub levels: Vec<u8>,
    pub values: Vec<u8>,
}

/// The footer's bytes and where they begin.
pub fn footer_of(file: &[u8]) -> Option<(&[u8], usize)> {
    let tail = file.len().checked_sub(8)?;
    let length = u32::from_le_bytes(file[tail..tail + 4].try_into().ok()?) as usize;
    let start = tail.checked_sub(length)?;
    Some((&file[start..tail], start))
}

/// A file of these bytes and this footer.
pub fn with_footer(mut data: Vec<u8>, footer: &[u8]) -> Vec<u8> {
    data.extend_from_slice(footer);
    data.extend_from_slice(&(footer.len() as u32).to_le_bytes());
    data.extend_from_slice(MAGIC);
    data
}

impl Layout {
    /// Takes a sound file apart; `None` for one that is not.
    pub fn parse(file: &[u8]) -> Option<Self> {
        let (footer, _) = Value::parse(footer_of(file)?.0)?;
        let mut row_groups = Vec::new();
        for row_group in footer.field(4)?.items() {
            let chunks = row_group.field(1)?.items().iter().map(|chunk| Chunk::parse(file, chunk));
            row_groups.push(chunks.collect::<Option<_>>()?);
        }
        Some(Self { row_groups, footer })
    }

    /// Gives every page a checksum.
    pub fn add_checksums(&mut self) {
        for page in self.row_groups.iter_mut().flatten().flat_map(|chunk| &mut chunk.pages) {
            page.header.set(CHECKSUM, Value::i32(0));
            page.sign();
        }
    }

    /// Puts it together: the bytes in front of the footer, and the footer with offsets and sizes as they are then.
    pub fn write(&self) -> (Vec<u8>, Value) {
        let (mut out, mut footer) = (MAGIC.to_vec(), self.footer.clone());
        let places: Vec<Vec<Value>> = self
            .row_groups
            .iter()
            .enumerate()
            .map(|(index, chunks)| {
                let old = footer.field(4).and_then(|groups| groups.items().get(index));
                let old = old.and_then(|group| group.field(1)).map(Value::items).unwrap_or_default();
                chunks.iter().zip(old).map(|(chunk, old)| chunk.write(&mut out, old.clone())).collect()
            })
            .collect();
        if let Some(groups) = footer.field_mut(4).and_then(Value::items_mut) {
            for (group, chunks) in groups.iter_mut().zip(places) {
                if let Some(columns) = group.field_mut(1).and_then(Value::items_mut) {
                    *columns = chunks;
                }
            }
        }
        (out, footer)
    }
}

impl Chunk {
    fn parse(file: &[u8], chunk: &Value) -> Option<Self> {
        let meta = chunk.field(3)?;
        let data = usize::try_from(meta.number(9)?).ok()?;
        let dictionary = meta.number(11).and_then(|at| usize::try_from(at).ok()).filter(|at| *at > 0);
        let mut at = dictionary.map_or(data, |dictionary| dictionary.min(data));
        let end = at.checked_add(usize::try_from(meta.number(7)?).ok()?)?;
        let mut pages = Vec::new();
        while at < end {
            let (header, length) = Value::parse(file.get(at..end)?)?;
            let size = usize::try_from(header.number(3)?).ok()?;
            let body = file.get(at + length..at + length + size)?.to_vec();
            at += length + size;
            pages.push(Page { header, body });
        }
        let blob = |offset: i16, length: i16| {
            let at = usize::try_from(chunk.number(offset)?).ok()?;
            let length = usize::try_from(chunk.number(length)?).ok()?;
            Some(Value::parse(file.get(at..at + length)?)?.0)
        };
        let bloom_filter = meta.number(14).and_then(|at| {
            let bytes = file.get(usize::try_from(at).ok()?..)?;
            let (header, length) = Value::parse(bytes)?;
            let bits = bytes.get(length..length + usize::try_from(header.number(1)?).ok()?)?.to_vec();
            Some((header, bits))
        });
        let codec = meta.number(4)?;
        Some(Self { codec, pages, column_index: blob(6, 7), offset_index: blob(4, 5), bloom_filter })
    }

    /// Appends pages and indexes; gives the chunk's part of the footer.
    fn write(&self, out: &mut Vec<u8>, mut chunk: Value) -> Value {
        let start = out.len();
        let mut places = Vec::new();
        let (mut dictionary, mut data, mut plain_bytes) = (None, None, 0);
        for page in &self.pages {
            let header = page.header.to_bytes();
            let at = out.len() as i64;
            if page.header.number(1) == Some(2) {
                dictionary.get_or_insert(at);
            } else {
                data.get_or_insert(at);
                places.push((at, header.len() + page.body.len()));
            }
            plain_bytes =
                page.header.number(2).unwrap_or(0).wrapping_add(plain_bytes).wrapping_add(header.len() as i64);
            out.extend(header);
            out.extend_from_slice(&page.body);
        }
        let total = (out.len() - start) as i64;
        if let Some(meta) = chunk.field_mut(3) {
            meta.set(6, Value::i64(plain_bytes));
            meta.set(7, Value::i64(total));
            meta.set(9, Value::i64(data.unwrap_or(start as i64)));
            match dictionary {
                Some(at) => meta.set(11, Value::i64(at)),
                None => meta.remove(11),
            }
            if let Some((header, bits)) = &self.bloom_filter {
                meta.set(14, Value::i64(out.len() as i64));
                let bytes = header.to_bytes();
                if meta.number(15).is_some() {
                    meta.set(15, Value::i32((bytes.len() + bits.len()) as i64));
                }
                out.extend(bytes);
                out.extend_from_slice(bits);
            }
        }
        let mut blob = |index: Option<Value>, offset: i16, length: i16| {
            let Some(index) = index else { return };
            let bytes = index.to_bytes();
            chunk.set(offset, Value::i64(out.len() as i64));
            chunk.set(length, Value::i32(bytes.len() as i64));
            out.extend(bytes);
        };
        blob(self.column_index.clone(), 6, 7);
        blob(self.offset_index.clone().map(|index| placed(index, &places)), 4, 5);
        chunk
    }
}

/// An offset index with pages where they are.
fn placed(mut index: Value, places: &[(i64, usize)]) -> Value {
    if let Some(locations) = index.field_mut(1).and_then(Value::items_mut) {
        for (location, (at, size)) in locations.iter_mut().zip(places) {
            location.set(1, Value::i64(*at));
            location.set(2, Value::i32(*size as i64));
        }
    }
    index
}

impl Page {
    /// The page decompressed; `None` where that fails.
    pub fn body(&self, codec: i64) -> Option<Body> {
        let levels = self.header.field(8).map_or(0, |header| {
            let length = |id| header.number(id).and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
            length(5) + length(6)
        });
        let (levels, stored) = self.body.split_at_checked(levels)?;
        let plain = usize::try_from(self.header.number(2)?).ok()?.checked_sub(levels.len())?;
        if plain > LARGEST {
            return None;
        }
        let values = match codec_of(codec) {
            Some(_) if self.is_stored_plain() => stored.to_vec(),
            Some(codec) => {
                let mut values = Vec::new();
                create_codec(codec, &CodecOptions::default())
                    .ok()??
                    .decompress(stored, &mut values, Some(plain))
                    .ok()?;
                values
            }
            None => stored.to_vec(),
        };
        Some(Body { levels: levels.to_vec(), values })
    }

    /// Takes a body, compresses it and makes the header's sizes and checksum right.
    pub fn set_body(&mut self, body: &Body, codec: i64) {
        self.header.set(2, Value::i32((body.levels.len() + body.values.len()) as i64));
        self.body.clone_from(&body.levels);
        match codec_of(codec)
            .filter(|_| !self.is_stored_plain())
            .map(|codec| create_codec(codec, &CodecOptions::default()))
        {
            Some(Ok(Some(mut codec))) => {
                let mut stored = Vec::new();
                if codec.compress(&body.values, &mut stored).is_ok() {
                    self.body.extend(stored);
                }
            }
            _ => self.body.extend_from_slice(&body.values),
        }
        self.sign();
    }

    /// Makes the header's size and checksum those of the stored body.
    pub fn sign(&mut self) {
        self.header.set(3, Value::i32(self.body.len() as i64));
        if self.header.field(CHECKSUM).is_some() {
            let mut checksum = flate2::Crc::new();
            checksum.update(&self.body);
            self.header.set(CHECKSUM, Value::i32(i64::from(checksum.sum().cast_signed())));
        }
    }

    fn is_stored_plain(&self) -> bool {
        self.header.field(8).and_then(|header| header.field(7)) == Some(&Value::Bool(false))
    }
}

/// The codec of a number of `CompressionCodec`; `None` for uncompressed and unknown ones.
pub fn codec_of(codec: i64) -> Option<Compression> {
    Some(match codec {
        1 => Compression::SNAPPY,
        2 => Compression::GZIP(GzipLevel::default()),
        4 => Compression::BROTLI(BrotliLevel::default()),
        5 => Compression::LZ4,
        6 => Compression::ZSTD(ZstdLevel::default()),
        7 => Compression::LZ4_RAW,
        _ => return None,
    })
}
