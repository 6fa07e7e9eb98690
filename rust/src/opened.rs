//! What is known of a scan once its file is open.

use std::sync::Arc;

use arrow_schema::{DataType, FieldRef, SchemaRef};

use crate::error::Result;
use crate::file::ParquetFile;
use crate::filter_stats::FilterStats;
use crate::options::ScanOptions;
use crate::plan::{ScanPlan, plan_scan};
use crate::row_plan::RowPlan;
use crate::row_space::RowSpace;
use crate::scan_shape::{ScanShape, scan_shape};
use crate::schema::ScanColumn;
use crate::workers;

/// What is known of a scan once its file is open; nothing of it changes.
pub struct Opened {
    /// What was asked for.
    pub options: ScanOptions,
    /// The file.
    pub file: Arc<ParquetFile>,
    /// What is read.
    pub plan: ScanPlan,
    /// The scan's rows.
    pub space: Arc<RowSpace>,
    /// The columns read.
    pub columns: Vec<ScanColumn>,
    /// What is tested and computed, if anything is.
    pub row_plan: Option<Arc<RowPlan>>,
    /// What the predicate did so far.
    pub filter_stats: Arc<FilterStats>,
    /// The batches' schema.
    pub schema: SchemaRef,
}

impl Opened {
    /// Opens the file and plans the scan; decodes nothing but what pruning looks at.
    ///
    /// # Errors
    /// Those of opening a file, and of options or steps that do not fit it.
    pub fn new(options: ScanOptions, share_bytes: u64) -> Result<Self> {
        let file = Arc::new(ParquetFile::open(&options.path, options.io)?);
        let ScanShape { projection, columns, row_plan, filter, schema } = scan_shape(&file, &options)?;
        let threads = workers::threads();
        let (mut plan, space) = plan_scan(&file, &projection, &options, share_bytes, threads, filter.as_ref())?;
        plan.show(&schema, row_plan.as_deref());
        let conditions = row_plan.iter().flat_map(|plan| &plan.conjuncts).map(|conjunct| conjunct.text.clone());
        let filter_stats = Arc::new(FilterStats::new(conditions));
        Ok(Self { options, file, plan, space, columns, row_plan, filter_stats, schema })
    }

    /// Names of the columns that batches show as dictionaries, in the order of the schema.
    pub fn dictionary_names(&self) -> impl Iterator<Item = String> + '_ {
        let is_dictionary = |field: &&FieldRef| matches!(field.data_type(), DataType::Dictionary(..));
        self.schema.fields().iter().filter(is_dictionary).map(|field| field.name().clone())
    }
}
