//! Parses pieces of whole records to batches.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{FieldRef, Schema, SchemaRef};

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::text::csv::cell::{Cell, MOST_BYTES};
use crate::text::csv::column::{BadCell, ColumnBuilder, MakeBuilder, Rows, builders_of};
use crate::text::csv::dialect::count_line_breaks;
use crate::text::csv::errors::{bad_cell, ragged, unclosed_quotes};
use crate::text::csv::options::RaggedRows;
use crate::text::csv::records::{Records, Unclosed};
use crate::text::csv::rules::Rules;
use crate::text::format::{Parsed, Piece, TextParser, Wanted};

/// Cells that are read before values are made of them: they and their text stay in the processor's cache.
const CELLS_AT_ONCE: usize = 16 << 10;

/// Parses the wanted columns of pieces.
pub struct CsvParser {
    rules: Arc<Rules>,
    /// Columns of the file.
    columns: usize,
    wanted: Vec<WantedColumn>,
    schema: SchemaRef,
}

struct WantedColumn {
    /// Its place in the file.
    place: usize,
    field: FieldRef,
    make_builder: MakeBuilder,
}

impl CsvParser {
    /// A parser of the wanted columns of the schema.
    ///
    /// # Errors
    /// `UNSUPPORTED_FEATURE` for a type that no cell is read as.
    pub fn new(rules: &Arc<Rules>, schema: &Schema, wanted: &[Wanted]) -> Result<Self> {
        let fields: Vec<FieldRef> = wanted.iter().map(|wanted| Arc::clone(&wanted.field)).collect();
        let wanted = wanted.iter().map(|Wanted { column, field }| {
            let make_builder = builders_of(field)?;
            Ok(WantedColumn { place: *column, field: Arc::clone(field), make_builder })
        });
        Ok(Self {
            rules: Arc::clone(rules),
            columns: schema.fields().len(),
            wanted: wanted.collect::<Result<_>>()?,
            schema: Arc::new(Schema::new(fields)),
        })
    }

    /// Appends the next records to `cells`, and says how many; fewer than there are if one of them is bad.
    fn fill(&self, text: &str, line: u64, records: &mut Records<'_>, cells: &mut Vec<Cell>) -> (usize, Result<()>) {
        let at_line = |place: usize| line + count_line_breaks(&text.as_bytes()[..place]);
        let mut rows = 0;
        cells.clear();
        while cells.len() < CELLS_AT_ONCE {
            let begin = cells.len();
            let start = match records.read(cells) {
                Ok(Some(start)) => start,
                Ok(None) => break,
                Err(Unclosed(open)) => {
                    cells.truncate(begin);
                    return (rows, Err(unclosed_quotes(at_line(open))));
                }
            };
            let count = cells.len() - begin;
            if count != self.columns {
                let allowed = match self.rules.ragged_rows {
                    RaggedRows::Error => false,
                    RaggedRows::Fill => count < self.columns,
                    RaggedRows::Truncate => true,
                };
                if !allowed {
                    cells.truncate(begin);
                    return (rows, Err(ragged(at_line(start), self.columns, count)));
                }
                cells.resize(begin + self.columns, Cell::MISSING);
            }
            rows += 1;
        }
        (rows, Ok(()))
    }

    /// Appends the wanted cells to their columns, and says how many are null since they are bad.
    fn append(&self, rows: &Rows<'_>, line: u64, builders: &mut [Box<dyn ColumnBuilder>]) -> Result<u64> {
        let mut nulled = 0;
        let mut first_bad: Option<(usize, &WantedColumn)> = None;
        for (column, builder) in self.wanted.iter().zip(builders) {
            match builder.append(rows, column.place) {
                Ok(bad) => nulled += bad,
                Err(BadCell(row)) if first_bad.is_none_or(|(first, _)| row < first) => first_bad = Some((row, column)),
                Err(BadCell(_)) => {}
            }
        }
        let Some((row, column)) = first_bad else { return Ok(nulled) };
        let cell = rows.cells[row * self.columns + column.place];
        let mut scratch = String::new();
        let text = self.rules.text(cell, rows.text, &mut scratch);
        let line = line + count_line_breaks(&rows.text.as_bytes()[..cell.start()]);
        Err(bad_cell(line, column.field.name(), column.field.data_type(), text))
    }
}

impl TextParser for CsvParser {
    fn parse(&self, piece: &Piece<'_>) -> Result<Parsed> {
        let text = self.rules.decoded(piece.bytes, piece.first_line)?;
        if text.len() > MOST_BYTES {
            let message = "Cannot read a record of the CSV: it is longer than 1 GiB; check that its quotes are closed";
            return Err(SpillwayError::new(ErrorCode::MemoryLimit, message));
        }
        let mut builders = Vec::new();
        let mut records = Records::new(text.as_bytes(), self.rules.dialect);
        let (mut cells, mut all_rows, mut nulled_values) = (Vec::new(), 0, 0);
        loop {
            let (count, ending) = self.fill(&text, piece.first_line, &mut records, &mut cells);
            if builders.is_empty() {
                let expected = expected_rows(count, records.position(), text.len());
                builders = self.wanted.iter().map(|column| (column.make_builder)(expected)).collect();
            }
            let rows = Rows { text: &text, cells: &cells, columns: self.columns, rules: &self.rules };
            nulled_values += self.append(&rows, piece.first_line, &mut builders)?;
            ending?;
            all_rows += count;
            if count == 0 || piece.is_cancelled() {
                break;
            }
        }
        let columns: Vec<ArrayRef> = builders.iter_mut().map(|builder| builder.finish()).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(all_rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .map_err(|e| SpillwayError::from_arrow(&e))?;
        Ok(Parsed { batch, skipped_records: 0, nulled_values })
    }
}

/// How many rows a piece has whose first `rows` have so many bytes: a few more than that tells, so that memory need not
/// grow if they are much alike.
fn expected_rows(rows: usize, bytes: usize, all_bytes: usize) -> usize {
    if bytes >= all_bytes {
        rows
    } else {
        (rows as u128 * all_bytes as u128 / bytes.max(1) as u128) as usize * 33 / 32 + 1
    }
}
