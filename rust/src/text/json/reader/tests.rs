use super::*;

/// Whether it is one value, and nothing else.
fn accepts(text: &str) -> bool {
    let mut reader = Reader::new(text);
    reader.skip(&mut String::new()).is_ok() && reader.is_at_end()
}

#[test]
fn what_is_json_is_accepted_and_nothing_else() {
    let texts = [
        "{}",
        "[]",
        "0",
        "-0",
        "1.5e+10",
        "1E5",
        "true",
        "null",
        r#""""#,
        r#"{"a":[1,{"b":null}]}"#,
        " { \"a\" : 1 } ",
        "[1,2]\r",
        r#""\u00e9\n\"""#,
        r#""\ud83d\ude00""#,
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "1e",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}",
        "{\"a\":1 \"b\":2}",
        "tru",
        "nul",
        "nan",
        "'a'",
        r#""\x""#,
        r#""\u12g4""#,
        "\"\t\"",
        "{",
        "[",
        "\"",
        "{\"a\":",
        "1 2",
        "]",
        "",
        r#""a"b"#,
        "[1]]",
        "--1",
        "1.e5",
        "{,}",
        "{\"a\":,}",
    ];
    for text in texts {
        let expected = serde_json::from_str::<serde_json::Value>(text).is_ok();
        assert_eq!(accepts(text), expected, "{text}");
    }
}

#[test]
fn strings_are_what_they_stand_for() {
    for text in [r#""plain""#, r#""a\"b\\c\/d\b\f\n\r\t""#, r#""\u00fc\ud83d\ude00z""#, r#""ü😀""#, r#""\u0000""#] {
        let expected: String = serde_json::from_str(text).expect("JSON");
        assert_eq!(Reader::new(text).string(&mut String::new()), Ok(expected.as_str()));
    }
    for text in [r#""\ud83d""#, r#""\ude00""#, r#""\ud83dx""#, r#""\ud83d\u0041""#] {
        assert_eq!(
            Reader::new(text).string(&mut String::new()).expect_err("alone").what,
            "half of a surrogate pair stands alone"
        );
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(accepts(&nested(MAX_DEPTH)));
    assert!(!accepts(&nested(MAX_DEPTH + 1)));
    assert!(!accepts(&"[".repeat(1_000_000)));
    assert!(!accepts(&"{\"a\":".repeat(1_000_000)));
    // Levels that were left do not count.
    assert!(accepts(&format!("[{}]", vec!["[[1]]"; 1000].join(","))));
}

#[test]
fn numbers_come_as_they_are_written() {
    for text in ["12345678901234567890123", "-0", "1.50", "1e-7"] {
        let with_rest = format!("{text},");
        assert_eq!(Reader::new(&with_rest).number(), Ok(text));
    }
}

#[test]
fn the_place_of_what_is_wrong_is_told() {
    let mut reader = Reader::new(r#"{"a": tru}"#);
    assert_eq!(reader.skip(&mut String::new()), Err(Syntax { at: 6, what: "a value is expected" }));
}

#[test]
fn the_first_special_byte_is_found_wherever_it_stands() {
    for special in ["\"", "\\", "\u{1f}", "\0", "\n"] {
        for before in 0..20 {
            let text = format!(
                "\"{}{special}\u{7f}\"ü\\\"",
                "x\u{20}\u{e9}!#[]".chars().cycle().take(before).collect::<String>()
            );
            let expected =
                text.bytes().skip(1).position(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\')).expect("one") + 1;
            let mut reader = Reader::new(&text);
            let read = reader.string(&mut String::new()).map(str::len);
            match special {
                "\"" => assert_eq!(read, Ok(expected - 1)),
                "\\" => assert_eq!(read.expect_err("no escape").at, expected + 1),
                _ => assert_eq!(read.expect_err("a control character").at, expected),
            }
        }
    }
}

#[test]
fn whatever_a_text_is_changed_to_it_is_json_if_serde_says_so() {
    let seed =
        r#"{"a":[1,-2.5e3,{"b":null,"ü":"x\"\u00e9\\"},true],"c":"long enough to be read by words","d":[],"e":{}}"#;
    let bits = r#"{}[]:,"\ -+.0123456789eEtruefalsn u00d8z"#.as_bytes();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let mut valid = 0;
    for _ in 0..50_000 {
        let mut bytes = seed.as_bytes().to_vec();
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            match random(3) {
                0 => bytes[at] = bits[random(bits.len())],
                1 => _ = bytes.remove(at),
                _ => bytes.insert(at, bits[random(bits.len())]),
            }
        }
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let expected = serde_json::from_str::<serde_json::Value>(&text);
        // It reads no further than a number that no double holds.
        if expected.as_ref().is_err_and(|error| error.to_string().starts_with("number out of range")) {
            continue;
        }
        let expected = expected.is_ok();
        assert_eq!(accepts(&text), expected, "{text}");
        valid += usize::from(expected);
    }
    assert!(valid > 5_000, "{valid}");
}
