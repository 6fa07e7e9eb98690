//! The core without JavaScript: what `bench/` holds the full scan on Deno and on Bun against.
//!
//! Takes one JSON argument, `{"path": ..., "mode": "time" | "verify" | "first", "batchRows": ...}`, and prints one JSON
//! line. It does what the JavaScript consumer does: takes each batch, reads the first value of every column, drops it.

use std::hint::black_box;
use std::time::Instant;

use serde::Deserialize;
use serde_json::json;
use spillway::batches::batch::Batch;
use spillway::options::ScanOptions;
use spillway::scan::Scan;

/// Buffers of lineitem's columns in a batch: two of a fixed-width column (validity, values), three of a string column.
const ORDERKEY: usize = 1;
const LINENUMBER: usize = 7;
const QUANTITY: usize = 9;
const RETURNFLAG_DATA: usize = 18;
const SHIPDATE: usize = 23;
const COMMENT_DATA: usize = 36;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Arguments {
    path: String,
    mode: String,
    /// Rows of a batch; what the scan starts with by itself when absent.
    #[serde(default)]
    batch_rows: Option<u64>,
}

#[derive(Default)]
struct Sums {
    orderkey: i64,
    linenumber: i64,
    quantity: i64,
    shipdate: i64,
    returned: i64,
    comment: i64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let argument = std::env::args().nth(1).ok_or("Cannot scan: give one JSON argument")?;
    let Arguments { path, mode, batch_rows } = serde_json::from_str(&argument)?;
    let options = ScanOptions::from_json(&serde_json::to_vec(&json!({ "path": path }))?)?;

    let (mut rows, mut batches, mut sums) = (0, 0, Sums::default());
    let started = Instant::now();
    let scan = Scan::open(options);
    // As in JavaScript, the first chunk has the least rows, so that it is there soon.
    let mut wanted_rows = None;
    while let Some(batch) = scan.next_blocking(wanted_rows)? {
        wanted_rows = batch_rows;
        rows += batch.rows;
        batches += 1;
        match mode.as_str() {
            "verify" => sums.add(&batch),
            "first" => {
                touch(&batch);
                break;
            }
            _ => touch(&batch),
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    let mut report = json!({ "rows": rows, "seconds": seconds, "batches": batches });
    if mode == "verify" {
        report["fingerprint"] = json!({
            "orderkey": sums.orderkey,
            "linenumber": sums.linenumber,
            "quantity": sums.quantity,
            "shipdate": sums.shipdate,
            "returned": sums.returned,
            "comment": sums.comment,
        });
    }
    println!("{report}");
    Ok(())
}

fn touch(batch: &Batch) {
    for buffer in &batch.buffers {
        black_box(buffer.as_slice().first());
    }
}

impl Sums {
    fn add(&mut self, batch: &Batch) {
        let bytes = |index: usize| batch.buffers[index].as_slice();
        let sum = |index: usize, width: usize| bytes(index).chunks_exact(width).map(low_bits).sum::<i64>();
        self.orderkey += sum(ORDERKEY, 8);
        self.linenumber += sum(LINENUMBER, 4);
        self.quantity += sum(QUANTITY, 16);
        self.shipdate += sum(SHIPDATE, 4);
        // Flags are one byte each, so that their bytes need no offsets.
        self.returned += bytes(RETURNFLAG_DATA).iter().map(|flag| i64::from(*flag == b'R')).sum::<i64>();
        self.comment += i64::try_from(bytes(COMMENT_DATA).len()).unwrap_or(i64::MAX);
    }
}

/// A little-endian integer's lowest 64 bits; none of the summed columns holds a negative number.
fn low_bits(bytes: &[u8]) -> i64 {
    bytes.iter().take(8).rev().fold(0, |value, byte| value << 8 | i64::from(*byte))
}
