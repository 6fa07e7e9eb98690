//! Pruning of files by many writers, where the corpus is there: nothing that matches is ever skipped.

#[path = "support/naive.rs"]
mod naive;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use spillway::expression::bound::{Bound, ColumnRef, CompareOp};
use spillway::files::file::ParquetFile;
use spillway::prune::{PruneOptions, prune};
use spillway::source::IoMode;

/// Rows of a row group, at most: the naive evaluation is slow.
const MAX_ROWS: usize = 2_000;

fn corpus() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/data");
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("Skipping the corpus: ../shared/corpus is absent");
        return Vec::new();
    };
    entries
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "parquet"))
        .collect()
}

/// The rows of one row group; `None` where parquet cannot decode them.
fn read(path: &Path, row_group: usize) -> Option<RecordBatch> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(path).ok()?).ok()?;
    let reader = builder.with_row_groups(vec![row_group]).with_batch_size(MAX_ROWS).build().ok()?;
    let schema = arrow_array::RecordBatchReader::schema(&reader);
    let batches = reader.collect::<Result<Vec<_>, _>>().ok()?;
    arrow_select::concat::concat_batches(&schema, &batches).ok()
}

/// Columns that the naive evaluation understands, those of structs too.
fn columns(batch: &RecordBatch) -> Vec<(ColumnRef, ArrayRef)> {
    let mut found = Vec::new();
    for (root, (field, array)) in batch.schema().fields().iter().zip(batch.columns()).enumerate() {
        let column = |fields, name: &str, data_type: &DataType| ColumnRef {
            root,
            fields,
            name: name.into(),
            data_type: data_type.clone(),
        };
        if let DataType::Struct(children) = field.data_type() {
            for (index, child) in children.iter().enumerate().filter(|(_, child)| is_understood(child.data_type())) {
                let values = ArrayRef::clone(array.as_struct().column(index));
                found.push((column(vec![index], child.name(), child.data_type()), values));
            }
        } else if is_understood(field.data_type()) {
            found.push((column(Vec::new(), field.name(), field.data_type()), ArrayRef::clone(array)));
        }
    }
    found
}

fn is_understood(data_type: &DataType) -> bool {
    match data_type {
        DataType::Boolean | DataType::Utf8 | DataType::Binary | DataType::FixedSizeBinary(_) => true,
        DataType::Float16 | DataType::Decimal256(..) | DataType::Interval(_) => false,
        other => other.is_primitive(),
    }
}

fn predicates(column: &ColumnRef, values: &ArrayRef) -> Vec<Bound> {
    let value = || Box::new(Bound::Column(column.clone()));
    let mut found = vec![Bound::IsNull(value()), Bound::Not(Box::new(Bound::IsNull(value())))];
    let rows = values.len();
    // The first and last rows, and some between.
    let picked = [0, 1, rows / 3, rows / 2, rows.saturating_sub(1)].into_iter().filter(|row| *row < rows);
    for literal in picked.map(|row| values.slice(row, 1)) {
        for op in [CompareOp::Eq, CompareOp::Ne, CompareOp::Lt, CompareOp::Le, CompareOp::Gt, CompareOp::Ge] {
            found.push(Bound::Compare {
                op,
                left: value(),
                right: Box::new(Bound::Literal(ArrayRef::clone(&literal))),
            });
        }
        if literal.is_valid(0) {
            found.push(Bound::In { value: value(), list: literal, has_null: false });
        }
    }
    found
}

#[test]
fn no_match_in_the_corpus_is_skipped() {
    let (mut checked, mut told) = (0, 0);
    for path in corpus() {
        let Ok(file) = ParquetFile::open(path.to_str().expect("UTF-8"), IoMode::Mmap) else { continue };
        let file = Arc::new(file);
        let batches = (0..file.metadata.num_row_groups().min(3)).map_while(|row_group| read(&path, row_group));
        let batches: Vec<RecordBatch> = batches.take_while(|batch| batch.num_rows() <= MAX_ROWS).collect();
        let row_groups: Vec<usize> = (0..batches.len()).collect();
        // Values of one row group may be absent from another.
        for (column, values) in batches.iter().flat_map(columns) {
            for predicate in predicates(&column, &values) {
                let evaluate = |bound: &Bound, batch: &RecordBatch| Ok(naive::evaluate(bound, batch));
                let options = PruneOptions::default();
                let verdicts = prune(&file, &predicate, &file.schema, &row_groups, &options, &evaluate);
                for (verdict, batch) in verdicts.expect("prune").iter().zip(&batches) {
                    check(verdict, &predicate, batch, &path);
                    checked += 1;
                    told += usize::from(verdict.rows_skipped > 0 || verdict.all_match);
                }
            }
        }
    }
    println!("{checked} verdicts were checked, {told} of which tell something");
}

fn check(verdict: &spillway::prune::RowGroupVerdict, predicate: &Bound, batch: &RecordBatch, path: &Path) {
    let results = naive::evaluate(predicate, batch);
    for row in 0..batch.num_rows() {
        let passes = results.is_valid(row) && results.value(row);
        let kept = verdict.keep.iter().any(|rows| rows.contains(&(row as u64)));
        let place = || format!("row {row} of '{}', {predicate:?}, {verdict:?}", path.display());
        assert!(kept || !passes, "a match that is skipped: {}", place());
        assert!(!kept || passes || !verdict.all_match, "a match that is none: {}", place());
    }
}
