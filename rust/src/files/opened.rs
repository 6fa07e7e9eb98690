//! What is known of one file of a scan once it is open.

use std::sync::Arc;

use arrow_schema::{DataType, FieldRef, SchemaRef};

use crate::error::Result;
use crate::files::file::ParquetFile;
use crate::files::schema::ScanColumn;
use crate::files::target::Target;
use crate::options::{FileRequest, FileWindow, ScanOptions};
use crate::plan::{FilePart, PlanLimits, ScanPlan, plan_scan};
use crate::rows::row_plan::RowPlan;
use crate::rows::row_space::RowSpace;
use crate::scan_shape::{ScanShape, scan_shape};
use crate::workers;

/// What is known of one file of a scan once it is open; nothing of it changes.
pub struct Opened {
    /// Its index in the scan.
    pub index: usize,
    /// The file.
    pub file: Arc<ParquetFile>,
    /// What is read of it.
    pub plan: ScanPlan,
    /// The rows that are read of it.
    pub space: Arc<RowSpace>,
    /// The columns read.
    pub columns: Vec<ScanColumn>,
    /// What is tested and computed, if anything is.
    pub row_plan: Option<Arc<RowPlan>>,
    /// Texts of the conditions that rows are tested by, unless they are known to meet them.
    pub conditions: Vec<String>,
    /// The batches' schema.
    pub schema: SchemaRef,
}

/// Files with fewer decoded bytes share segments: about what a batch should have at least.
pub const SMALL_FILE_BYTES: u64 = 1 << 20;

impl Opened {
    /// Plans what is read of a file; decodes nothing but what pruning looks at.
    ///
    /// # Errors
    /// Those of options or steps that do not fit the file.
    pub fn new(
        index: usize,
        file: Arc<ParquetFile>,
        options: &ScanOptions,
        target: Option<&Target>,
        window: FileWindow,
        memory_limit_bytes: u64,
    ) -> Result<Self> {
        let FileRequest { constants, row_groups, .. } = &options.files[index];
        let ScanShape { projection, columns, row_plan, filter, conditions, schema } =
            scan_shape(&file, options, constants, target)?;
        let part = FilePart { row_groups: row_groups.as_deref(), window, by_rows: row_plan.is_some() };
        let limits = PlanLimits { memory_limit_bytes, threads: workers::threads() };
        let (mut plan, space) = plan_scan(&file, &projection, options, part, limits, filter.as_ref())?;
        plan.show(&schema, row_plan.as_deref());
        for row_group in &mut plan.row_groups {
            row_group.file = index;
        }
        Ok(Self { index, file, plan, space, columns, row_plan, conditions, schema })
    }

    /// Names of the columns that batches show as dictionaries, in the order of the schema.
    pub fn dictionary_names(&self) -> impl Iterator<Item = String> + '_ {
        let is_dictionary = |field: &&FieldRef| matches!(field.data_type(), DataType::Dictionary(..));
        self.schema.fields().iter().filter(is_dictionary).map(|field| field.name().clone())
    }

    /// Whether it is so small that it is read together with others, by one set of lanes.
    #[must_use]
    pub fn is_small(&self) -> bool {
        let ScanPlan { estimated_bytes, segments, .. } = &self.plan;
        segments.len() <= 1 && *estimated_bytes < SMALL_FILE_BYTES
    }

    /// Whether the same lanes can read both: those that decode columns as they are, or those that test and compute rows.
    #[must_use]
    pub fn is_read_like(&self, other: &Self) -> bool {
        self.row_plan.is_some() == other.row_plan.is_some()
    }
}
