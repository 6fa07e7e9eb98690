//! A cursor over the text of one JSON value, which accepts what RFC 8259 does and nothing else.
//!
//! Why no parser of others: what is read here goes straight into columns, numbers have to come as they are written, and
//! bad values need their place. `arrow-json` reads `1.5` into an integer column as 1 and takes `[1 2]` for a list;
//! `serde_json` gives integers past 64 bits as doubles.

#[cfg(test)]
mod tests;

/// Levels of objects and lists; as many as `serde_json` allows.
pub const MAX_DEPTH: usize = 128;

/// Where a text stops being JSON, and what is wrong there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Syntax {
    /// The byte.
    pub at: usize,
    /// In a few words.
    pub what: &'static str,
}

/// What a value is, as its first character tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Kind {
    Object,
    List,
    String,
    Number,
    True,
    False,
    Null,
}

/// What no key begins with.
pub const NO_KEY: &str = "";

/// A field's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'s> {
    /// It is the one that is expected.
    Expected,
    /// It is this one.
    Other(&'s str),
}

/// A place to come back to.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    at: usize,
    depth: usize,
}

/// The cursor.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

type Result<T> = std::result::Result<T, Syntax>;

impl<'a> Reader<'a> {
    /// A cursor at the beginning.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// Where it is.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark { at: self.at, depth: self.depth }
    }

    /// Goes back.
    pub fn reset(&mut self, mark: Mark) {
        (self.at, self.depth) = (mark.at, mark.depth);
    }

    /// The byte that comes next.
    #[must_use]
    pub fn position(&self) -> usize {
        self.at
    }

    /// What was read since a mark.
    #[must_use]
    pub fn since(&self, mark: Mark) -> &'a str {
        &self.text[mark.at..self.at]
    }

    /// Whether only white space is left.
    pub fn is_at_end(&mut self) -> bool {
        self.next_byte().is_none()
    }

    /// Tells what the next value is, and goes to its first character.
    pub fn peek(&mut self) -> Result<Kind> {
        Ok(match self.next_byte() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::List,
            Some(b'"') => Kind::String,
            Some(b'-' | b'0'..=b'9') => Kind::Number,
            Some(b't') => Kind::True,
            Some(b'f') => Kind::False,
            Some(b'n') => Kind::Null,
            Some(_) => return Err(self.wrong("a value is expected")),
            None => return Err(self.wrong("it ends where a value is expected")),
        })
    }

    /// Takes `true`, `false` or `null`, whichever [`Reader::peek`] has promised.
    pub fn literal(&mut self, kind: Kind) -> Result<()> {
        let literal = match kind {
            Kind::True => "true",
            Kind::False => "false",
            _ => "null",
        };
        if self.text.as_bytes()[self.at..].starts_with(literal.as_bytes()) {
            self.at += literal.len();
            return Ok(());
        }
        Err(self.wrong("a value is expected"))
    }

    /// Takes a number, as it is written.
    pub fn number(&mut self) -> Result<&'a str> {
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        match self.byte() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.wrong("a digit is expected")),
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    fn some_digits(&mut self) -> Result<()> {
        let start = self.at;
        self.digits();
        if self.at == start { Err(self.wrong("a digit is expected")) } else { Ok(()) }
    }

    fn digits(&mut self) {
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    /// Takes a string; `scratch` holds it where it has escapes.
    pub fn string<'s>(&mut self, scratch: &'s mut String) -> Result<&'s str>
    where
        'a: 's,
    {
        let text = self.text;
        let start = self.at + 1;
        self.at = start;
        let (end, escaped) = self.plain()?;
        if !escaped {
            self.at = end + 1;
            return Ok(&text[start..end]);
        }
        scratch.clear();
        let mut from = start;
        loop {
            let (end, escaped) = self.plain()?;
            scratch.push_str(&text[from..end]);
            self.at = end + 1;
            if !escaped {
                return Ok(scratch);
            }
            let character = self.escape()?;
            scratch.push(character);
            from = self.at;
        }
    }

    /// The end of the characters that stand for themselves, and whether an escape follows rather than the end.
    fn plain(&mut self) -> Result<(usize, bool)> {
        let bytes = self.text.as_bytes();
        let mut end = self.at;
        while let Some(word) = bytes.get(end..).and_then(<[u8]>::first_chunk::<8>) {
            let special = special_bytes(u64::from_le_bytes(*word));
            if special != 0 {
                end += special.trailing_zeros() as usize / 8;
                break;
            }
            end += 8;
        }
        loop {
            match bytes.get(end) {
                Some(b'"') => return Ok((end, false)),
                Some(b'\\') => return Ok((end, true)),
                Some(0..0x20) => {
                    self.at = end;
                    return Err(self.wrong("a control character is not escaped"));
                }
                Some(_) => end += 1,
                None => {
                    self.at = end;
                    return Err(self.wrong("it ends within a string"));
                }
            }
        }
    }

    /// Takes what follows a backslash.
    fn escape(&mut self) -> Result<char> {
        let character = match self.byte() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.wrong("there is no such escape")),
        };
        self.at += 1;
        Ok(character)
    }

    fn unicode(&mut self) -> Result<char> {
        let at = self.at;
        let alone = Syntax { at, what: "half of a surrogate pair stands alone" };
        let first = self.hex()?;
        if !(0xd800..0xe000).contains(&first) {
            return char::from_u32(first).ok_or(alone);
        }
        if first >= 0xdc00 || !self.text.as_bytes()[self.at..].starts_with(b"\\u") {
            return Err(alone);
        }
        self.at += 2;
        let second = self.hex()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(alone);
        }
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(alone)
    }

    fn hex(&mut self) -> Result<u32> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.byte().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else { return Err(self.wrong("four hexadecimal digits are expected")) };
            value = value << 4 | digit;
            self.at += 1;
        }
        Ok(value)
    }

    /// Begins with an object or a list, which [`Reader::peek`] has promised.
    pub fn begin(&mut self) -> Result<()> {
        if self.depth == MAX_DEPTH {
            return Err(self.wrong("it is nested deeper than 128 levels"));
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    /// Takes an object's next key and its colon, or the object's end: `None`. `is_first` is set to false.
    pub fn key<'s>(&mut self, is_first: &mut bool, scratch: &'s mut String) -> Result<Option<&'s str>>
    where
        'a: 's,
    {
        match self.key_or(is_first, NO_KEY, scratch)? {
            Some(Key::Other(key)) => Ok(Some(key)),
            Some(Key::Expected) | None => Ok(None),
        }
    }

    /// The same where a key is expected, of which `quoted` is the JSON, with a colon: most objects have their fields in the
    /// same order, and to compare is faster than to read.
    pub fn key_or<'s>(&mut self, is_first: &mut bool, quoted: &str, scratch: &'s mut String) -> Result<Option<Key<'s>>>
    where
        'a: 's,
    {
        if !self.goes_on(b'}', is_first, "a comma or the object's end is expected")? {
            return Ok(None);
        }
        if quoted != NO_KEY && self.text.as_bytes()[self.at..].starts_with(quoted.as_bytes()) {
            self.at += quoted.len();
            return Ok(Some(Key::Expected));
        }
        if self.next_byte() != Some(b'"') {
            return Err(self.wrong("a field's name between quotation marks is expected"));
        }
        let key = self.string(scratch)?;
        if self.next_byte() != Some(b':') {
            return Err(self.wrong("a colon is expected"));
        }
        self.at += 1;
        Ok(Some(Key::Other(key)))
    }

    /// Whether a list has another item; if not, its end is taken. `is_first` is set to false.
    pub fn item(&mut self, is_first: &mut bool) -> Result<bool> {
        self.goes_on(b']', is_first, "a comma or the list's end is expected")
    }

    fn goes_on(&mut self, end: u8, is_first: &mut bool, expected: &'static str) -> Result<bool> {
        let byte = self.next_byte();
        if byte == Some(end) {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if std::mem::take(is_first) {
            return Ok(true);
        }
        match byte {
            Some(b',') => {
                self.at += 1;
                // No comma before the end.
                match self.next_byte() {
                    Some(byte) if byte == end => Err(self.wrong("a comma has nothing behind it")),
                    _ => Ok(true),
                }
            }
            _ => Err(self.wrong(expected)),
        }
    }

    /// Passes over a value, and checks it.
    pub fn skip(&mut self, scratch: &mut String) -> Result<()> {
        match self.peek()? {
            Kind::String => self.string(scratch).map(|_| ()),
            Kind::Number => self.number().map(|_| ()),
            kind @ (Kind::True | Kind::False | Kind::Null) => self.literal(kind),
            Kind::List => {
                self.begin()?;
                let mut is_first = true;
                while self.item(&mut is_first)? {
                    self.skip(scratch)?;
                }
                Ok(())
            }
            Kind::Object => {
                self.begin()?;
                let mut is_first = true;
                while self.key(&mut is_first, scratch)?.is_some() {
                    self.skip(scratch)?;
                }
                Ok(())
            }
        }
    }

    /// Passes over white space.
    fn next_byte(&mut self) -> Option<u8> {
        loop {
            match self.byte()? {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn wrong(&self, what: &'static str) -> Syntax {
        Syntax { at: self.at, what }
    }
}

/// The high bits of bytes that don't stand for themselves: quotation marks, backslashes and control characters. Those
/// behind the first one may be wrong.
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    let below_space = word.wrapping_sub(ONES * 0x20) & !word;
    let equal = |byte: u8| zeros(word ^ (ONES * u64::from(byte)));
    (below_space | equal(b'"') | equal(b'\\')) & HIGHS
}
