//! Scans a file with the native core alone: `cargo run --release --example scan -- FILE [BATCH_ROWS] [MEMORY_LIMIT_BYTES]`.
//!
//! Prints JSON: rows, batches, milliseconds to the first batch and in all, and the peak of decoded bytes.

use std::time::Instant;

use spillway::options::ScanOptions;
use spillway::scan::Scan;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: scan FILE [BATCH_ROWS] [MEMORY_LIMIT_BYTES]")?;
    let rows: Option<u64> = arguments.next().map(|text| text.parse()).transpose()?;
    let limit: Option<u64> = arguments.next().map(|text| text.parse()).transpose()?;
    let options = serde_json::json!({ "path": path, "memoryLimitBytes": limit });
    let started = Instant::now();
    let scan = Scan::open(ScanOptions::from_json(options.to_string().as_bytes())?);
    let mut first_batch = None;
    let mut checksum = 0_u64;
    while let Some(batch) = scan.next_blocking(first_batch.and(rows))? {
        first_batch.get_or_insert_with(|| started.elapsed());
        // One byte of each buffer, so that the batch is really there.
        checksum +=
            batch.buffers.iter().map(|buffer| u64::from(buffer.as_slice().first().copied().unwrap_or(0))).sum::<u64>();
    }
    let elapsed = started.elapsed();
    let stats = scan.stats();
    let result = serde_json::json!({
        "rows": stats.rows,
        "batches": stats.batches,
        "firstBatchMs": first_batch.unwrap_or_default().as_secs_f64() * 1000.0,
        "totalMs": elapsed.as_secs_f64() * 1000.0,
        "decodeMs": stats.decode_ms,
        "peakBytes": stats.peak_bytes,
        "checksum": checksum,
    });
    println!("{result}");
    Ok(())
}
