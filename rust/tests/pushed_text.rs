//! No wake-up is lost between who pushes text, the workers and who takes the rows: each waits for a minute, and none that
//! long.

use std::sync::Arc;
use std::thread::{sleep, spawn, yield_now};
use std::time::Duration;

use serde_json::json;
use spillway::batch_scan::{BatchScan, ByteInput, Outcome, Pushed};
use spillway::options::ScanOptions;
use spillway::text::scan::TextScan;

const MINUTE: Duration = Duration::from_mins(1);
const ROWS: i64 = 300;
/// After so many rows come lines that are left out, of more bytes than may wait: no batch comes of them that would wake
/// anybody.
const ROWS_OF_BLOCK: i64 = 50;
const BAD_LINES: usize = 20_000;

/// Numbers that follow from a seed (xorshift, by George Marsaglia).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    /// Mostly none, so that threads meet in all ways.
    fn pause(&mut self) {
        match self.below(40) {
            0 => sleep(Duration::from_micros(self.below(300))),
            1..=5 => yield_now(),
            _ => {}
        }
    }
}

fn open(random: &mut Random) -> Arc<TextScan> {
    let options = json!({
        "text": {"format": {"ndjson": {"inferRows": 1 + random.below(50), "onBadRecord": "skip"}}, "pushed": true},
        // The least that such records are read in, so that there is often no room.
        "memoryLimitBytes": 20_000 + random.below(200_000),
        "batchRows": 1 + random.below(200),
    });
    let options = ScanOptions::from_json(options.to_string().as_bytes()).expect("options");
    Arc::new(TextScan::open(options).expect("a scan"))
}

/// Pushes lines in parts of any size; `false` where the scan was over before all were taken.
fn push(input: &dyn ByteInput, random: &mut Random) -> bool {
    let bad = "bad\n".repeat(BAD_LINES);
    let bad_after = |n: i64| if n % ROWS_OF_BLOCK == 0 { bad.as_str() } else { "" };
    let lines: Vec<String> = (0..ROWS).map(|n| format!("{{\"n\":{n}}}\n{}", bad_after(n))).collect();
    let text = lines.concat();
    let mut left = text.as_bytes();
    while !left.is_empty() {
        let length = left.len().min(1 + random.below(4000) as usize);
        match input.push(&left[..length]).expect("pushed") {
            Pushed::Taken => left = &left[length..],
            Pushed::Full => assert!(input.wait(MINUTE), "who pushes was not woken"),
            Pushed::Over => return false,
        }
        random.pause();
    }
    input.end();
    true
}

/// Takes rows until `most` are there, all of which are looked at.
fn take(scan: &TextScan, most: i64, random: &mut Random) -> i64 {
    let mut rows = 0;
    while rows < most {
        match scan.next(None).expect("rows") {
            Outcome::Batch(batch) => {
                let bytes = batch.buffers[1].as_slice();
                for number in bytes.chunks_exact(8).map(|bytes| i64::from_le_bytes(bytes.try_into().expect("8 bytes")))
                {
                    assert_eq!(number, rows);
                    rows += 1;
                }
            }
            Outcome::Empty => assert!(scan.wait(MINUTE), "who takes was not woken after {rows} rows"),
            Outcome::End => break,
        }
        random.pause();
    }
    rows
}

#[test]
fn pushing_and_taking_wake_each_other() {
    for seed in 1..=12 {
        let mut random = Random(seed);
        let scan = open(&mut random);
        let input = scan.input().expect("an input");
        let pushing = spawn(move || push(input.as_ref(), &mut Random(seed << 32)));
        assert_eq!(take(&scan, i64::MAX, &mut random), ROWS, "seed {seed}");
        assert!(pushing.join().expect("pushed"));
    }
}

#[test]
fn cancelling_at_any_point_wakes_both() {
    for seed in 1..=12 {
        let mut random = Random(seed);
        let scan = open(&mut random);
        let input = scan.input().expect("an input");
        let pushing = spawn(move || push(input.as_ref(), &mut Random(seed << 32)));
        let most = random.below(ROWS as u64) as i64;
        let taking = {
            let (scan, mut random) = (Arc::clone(&scan), Random(seed << 16));
            // Goes on to wait when it has so many: the cancel may come before, meanwhile or after.
            spawn(move || take(&scan, most, &mut random))
        };
        sleep(Duration::from_micros(random.below(3000)));
        scan.cancel();
        assert!(taking.join().expect("taken") <= ROWS);
        // Whether all of it was taken before is a matter of luck.
        pushing.join().expect("pushed");
        assert!(scan.wait(MINUTE));
        assert!(matches!(scan.next(None), Ok(Outcome::End)), "seed {seed}");
    }
}
