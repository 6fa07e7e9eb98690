//! Patterns of SQL's `LIKE`: `%` is any text, `_` one character, `\` before either stands for itself.

use super::bound::TextOp;

/// A piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Char(char),
    One,
    Any,
}

/// What a pattern asks, in the simplest form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Like {
    /// Equal to this text.
    Equal(String),
    /// One of the simpler tests, with its text.
    Simple(TextOp, String),
    /// Any text.
    Anything,
    /// Nothing simpler than the pattern itself.
    Pattern,
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut characters = pattern.chars().peekable();
    let mut tokens = Vec::with_capacity(pattern.len());
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '%' => Token::Any,
            '_' => Token::One,
            '\\' => match characters.next_if(|next| matches!(next, '%' | '_')) {
                Some(escaped) => Token::Char(escaped),
                None => Token::Char('\\'),
            },
            other => Token::Char(other),
        });
    }
    tokens
}

/// The simplest test that gives what the pattern gives.
#[must_use]
pub fn simplest(pattern: &str) -> Like {
    let tokens = tokens(pattern);
    let open_start = tokens.first() == Some(&Token::Any);
    let open_end = tokens.last() == Some(&Token::Any);
    let inner = tokens.iter().skip_while(|token| **token == Token::Any);
    let mut inner: Vec<Token> = inner.copied().collect();
    while inner.last() == Some(&Token::Any) {
        inner.pop();
    }
    let text: Option<String> =
        inner.iter().map(|token| if let Token::Char(character) = token { Some(*character) } else { None }).collect();
    match (text, open_start, open_end) {
        (None, _, _) => Like::Pattern,
        (Some(text), true, _) if text.is_empty() => Like::Anything,
        (Some(text), false, false) => Like::Equal(text),
        (Some(text), false, true) => Like::Simple(TextOp::StartsWith, text),
        (Some(text), true, false) => Like::Simple(TextOp::EndsWith, text),
        (Some(text), true, true) => Like::Simple(TextOp::Contains, text),
    }
}

/// The pattern as a regular expression that matches whole texts.
#[must_use]
pub fn to_regex(pattern: &str) -> String {
    let mut expression = String::from(r"(?s)\A");
    for token in tokens(pattern) {
        match token {
            Token::Any => expression.push_str(".*"),
            Token::One => expression.push('.'),
            Token::Char(character) => expression.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
        }
    }
    expression.push_str(r"\z");
    expression
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_become_simpler_tests() {
        let simple = |op, text: &str| Like::Simple(op, text.into());
        let cases = [
            ("", Like::Equal(String::new())),
            ("abc", Like::Equal("abc".into())),
            (r"100\%", Like::Equal("100%".into())),
            (r"a\b\\", Like::Equal(r"a\b\\".into())),
            ("%", Like::Anything),
            ("%%", Like::Anything),
            ("a%", simple(TextOp::StartsWith, "a")),
            (r"a\_b%%", simple(TextOp::StartsWith, "a_b")),
            ("%ü", simple(TextOp::EndsWith, "ü")),
            ("%a b%", simple(TextOp::Contains, "a b")),
            ("a_", Like::Pattern),
            ("a%b", Like::Pattern),
            ("_", Like::Pattern),
        ];
        for (pattern, expected) in cases {
            assert_eq!(simplest(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn patterns_become_regular_expressions() {
        assert_eq!(to_regex(r"a.%_\%"), r"(?s)\Aa\..*.%\z");
    }
}
