//! What tests of several files need: texts full of what is special, and what the `csv` crate makes of them.

use crate::text::csv::dialect::Dialect;

/// Numbers that look random and are the same on every run.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 33) as usize) % bound
    }
}

/// Texts of a few to some hundred bytes, most of them special.
pub fn nasty_texts(count: u64) -> impl Iterator<Item = String> {
    const PARTS: [&str; 16] = [
        ",",
        ",",
        "\"",
        "\"",
        "\"\"",
        "\n",
        "\n",
        "\r\n",
        "\r",
        "a",
        "bc",
        " ",
        "ä",
        "\\",
        "\0",
        "1234567890abcdefghij",
    ];
    (0..count).map(|seed| {
        let mut random = Random::new(seed + 1);
        let length = random.below(if seed % 8 == 0 { 150 } else { 14 });
        (0..length).map(|_| PARTS[random.below(PARTS.len())]).collect()
    })
}

/// The records that `csv-core` reads.
pub fn oracle(text: &str, dialect: Dialect) -> Vec<Vec<String>> {
    let mut builder = csv_core::ReaderBuilder::new();
    builder.delimiter(dialect.delimiter).escape(dialect.escape).comment(dialect.comment);
    match dialect.quote {
        Some(quote) => builder.quote(quote),
        None => builder.quoting(false),
    };
    let mut reader = builder.build();
    let (mut input, mut output, mut ends) = (text.as_bytes(), vec![0; text.len() + 1], vec![0; text.len() + 2]);
    let mut records = Vec::new();
    let (mut written, mut ended) = (0, 0);
    loop {
        let (result, read, wrote, fields) = reader.read_record(input, &mut output[written..], &mut ends[ended..]);
        input = &input[read..];
        written += wrote;
        ended += fields;
        match result {
            csv_core::ReadRecordResult::Record => {
                let starts = std::iter::once(0).chain(ends[..ended].iter().copied());
                let cells = starts.zip(&ends[..ended]).map(|(start, end)| &output[start..*end]);
                records.push(cells.map(|cell| String::from_utf8(cell.to_vec()).expect("UTF-8")).collect());
                (written, ended) = (0, 0);
            }
            csv_core::ReadRecordResult::End => return records,
            csv_core::ReadRecordResult::InputEmpty => {}
            full => panic!("{full:?}"),
        }
    }
}
