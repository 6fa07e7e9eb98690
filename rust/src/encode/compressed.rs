//! Text formats in a compressed file: `.csv.gz`, `.ndjson.zst`.

use std::io::{self, Write};

use arrow_array::RecordBatch;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;

use crate::encode::{Encoder, Output};
use crate::error::{Result, SpillwayError};

/// How a whole file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileCompression {
    /// Not at all.
    #[default]
    None,
    /// Gzip, at its tools' own level 6.
    Gzip,
    /// Zstandard, at its tools' own level 3.
    Zstd,
}

impl FileCompression {
    /// What is added to the names of files.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }

    /// An encoder whose output is compressed.
    ///
    /// # Errors
    /// `INTERNAL` where the compressor can't be made.
    pub fn around(self, inner: Box<dyn Encoder>) -> Result<Box<dyn Encoder>> {
        let compressor = match self {
            Self::None => return Ok(inner),
            Self::Gzip => Compressor::Gzip(GzEncoder::new(Vec::new(), Compression::default())),
            Self::Zstd => Compressor::Zstd(zstd::Encoder::new(Vec::new(), 0).map_err(|error| failed(&error))?),
        };
        Ok(Box::new(Compressed { inner, compressor: Some(compressor), plain: Vec::new() }))
    }
}

struct Compressed {
    inner: Box<dyn Encoder>,
    /// None once it has ended.
    compressor: Option<Compressor>,
    plain: Vec<u8>,
}

enum Compressor {
    Gzip(GzEncoder<Vec<u8>>),
    Zstd(zstd::Encoder<'static, Vec<u8>>),
}

impl Encoder for Compressed {
    fn write(&mut self, batches: &[RecordBatch], out: &mut dyn Output) -> Result<()> {
        self.inner.write(batches, &mut self.plain)?;
        self.compress(out.bytes())
    }

    fn window_bytes(&self) -> Option<usize> {
        self.inner.window_bytes()
    }

    fn finish(&mut self, out: &mut dyn Output) -> Result<()> {
        self.inner.finish(&mut self.plain)?;
        self.compress(out.bytes())?;
        let rest = match self.compressor.take() {
            Some(Compressor::Gzip(gzip)) => gzip.finish(),
            Some(Compressor::Zstd(zstd)) => zstd.finish(),
            None => Ok(Vec::new()),
        };
        out.bytes().append(&mut rest.map_err(|error| failed(&error))?);
        Ok(())
    }
}

impl Compressed {
    fn compress(&mut self, out: &mut Vec<u8>) -> Result<()> {
        let compressed = match &mut self.compressor {
            Some(Compressor::Gzip(gzip)) => gzip.write_all(&self.plain).map(|()| gzip.get_mut()),
            Some(Compressor::Zstd(zstd)) => zstd.write_all(&self.plain).map(|()| zstd.get_mut()),
            None => return Err(SpillwayError::internal("a compressed file was written to after its end")),
        };
        out.append(compressed.map_err(|error| failed(&error))?);
        self.plain.clear();
        Ok(())
    }
}

fn failed(error: &io::Error) -> SpillwayError {
    SpillwayError::internal("compression failed").with_cause(error)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// Writes a fixed text for each batch.
    struct Texts;

    impl Encoder for Texts {
        fn write(&mut self, batches: &[RecordBatch], out: &mut dyn Output) -> Result<()> {
            out.bytes().extend_from_slice("some text, ".repeat(batches.len()).as_bytes());
            Ok(())
        }

        fn finish(&mut self, out: &mut dyn Output) -> Result<()> {
            out.bytes().extend_from_slice(b"end");
            Ok(())
        }
    }

    fn written(compression: FileCompression) -> Vec<u8> {
        let schema = std::sync::Arc::new(arrow_schema::Schema::empty());
        let batch = RecordBatch::new_empty(schema);
        let mut encoder = compression.around(Box::new(Texts)).expect("an encoder");
        let mut out = Vec::new();
        encoder.write(&[batch.clone(), batch.clone()], &mut out).expect("written");
        encoder.write(&[batch], &mut out).expect("written");
        encoder.finish(&mut out).expect("ended");
        out
    }

    #[test]
    fn what_is_compressed_is_the_whole_text() {
        let text = "some text, some text, some text, end";
        assert_eq!(written(FileCompression::None), text.as_bytes());
        let mut read = String::new();
        flate2::read::GzDecoder::new(written(FileCompression::Gzip).as_slice())
            .read_to_string(&mut read)
            .expect("gzip");
        assert_eq!(read, text);
        let read = zstd::decode_all(written(FileCompression::Zstd).as_slice()).expect("zstd");
        assert_eq!(read, text.as_bytes());
    }
}
