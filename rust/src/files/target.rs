//! What all files of a scan are shown as, and how the columns of one file fit it: by name, never by place.

use std::sync::{Arc, OnceLock};

use arrow_schema::{DataType, FieldRef};

use crate::batches::constant::Constant;
use crate::batches::widening::{common, is_same, widens};
use crate::error::{ErrorCode, Mismatch, Result, SpillwayError};
use crate::files::file::{KnownSchema, ParquetFile};
use crate::files::given_schema::given_schema;
use crate::files::projection::{Projection, RootColumn};
use crate::files::schema::{ScanColumn, decoded_type, gathers_codes, scan_columns, shown_type};
use crate::options::{Dictionary, ScanOptions, SchemaMode, Strings};

/// What all files of a scan are shown as.
#[derive(Debug, Clone)]
pub struct Target {
    /// The fields, before any step.
    pub fields: Vec<FieldRef>,
    /// The file that they come from, or the first of several.
    path: String,
    /// Whether files must not differ.
    strict: bool,
    /// The columns of the first file, which are those of all files of its schema.
    memo: OnceLock<Memo>,
}

/// The columns read of a file, and what they depend on.
#[derive(Debug, Clone)]
struct Memo {
    schema: KnownSchema,
    /// For each column read, whether its strings are gathered from codes.
    coded: Vec<bool>,
    roots: Vec<RootColumn>,
    columns: Vec<ScanColumn>,
}

/// A column of a file, as the scan shows it.
#[derive(Debug, Clone)]
pub enum FileColumn {
    /// It is read.
    Read(Box<ScanColumn>),
    /// It has one value in all rows.
    Constant(Box<Constant>),
}

impl FileColumn {
    /// The field of the batch.
    #[must_use]
    pub fn field(&self) -> &FieldRef {
        match self {
            Self::Read(column) => &column.field,
            Self::Constant(constant) => &constant.field,
        }
    }

    /// The constant, if it is one.
    #[must_use]
    pub fn as_constant(&self) -> Option<&Constant> {
        match self {
            Self::Read(_) => None,
            Self::Constant(constant) => Some(constant),
        }
    }

    /// The column, if it is read.
    #[must_use]
    pub fn as_read(&self) -> Option<&ScanColumn> {
        match self {
            Self::Read(column) => Some(column),
            Self::Constant(_) => None,
        }
    }

    /// The column, if it is read.
    #[must_use]
    pub fn into_read(self) -> Option<ScanColumn> {
        match self {
            Self::Read(column) => Some(*column),
            Self::Constant(_) => None,
        }
    }
}

impl Target {
    /// What a scan shows that follows its first file.
    ///
    /// # Errors
    /// As [`own_columns`].
    pub fn of_first(file: &Arc<ParquetFile>, options: &ScanOptions, constants: &[Constant]) -> Result<Self> {
        let columns = own_columns(file, options, constants)?;
        let fields = columns.iter().map(|column| nullable(column.field())).collect();
        Ok(Self {
            fields,
            path: file.path.clone(),
            strict: options.schema == SchemaMode::Strict,
            memo: OnceLock::new(),
        })
    }

    /// What a scan shows that was given an Arrow schema: an IPC stream without batches, in hexadecimal.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for text that is none, or types that batches cannot show.
    pub fn given(text: &str, options: &ScanOptions) -> Result<Self> {
        let schema = given_schema(text)?;
        let preserve = options.strings == Strings::Preserve;
        let shown = |field: &FieldRef| match field.data_type() {
            DataType::Dictionary(_, values) if matches!(values.as_ref(), DataType::Utf8) => nullable(field),
            other => Arc::new(nullable(field).as_ref().clone().with_data_type(shown_type(other, preserve))),
        };
        let fields = schema.fields().iter().map(shown).collect();
        Ok(Self { fields, path: "the schema given".into(), strict: false, memo: OnceLock::new() })
    }

    /// What a scan shows that joins the columns of all its files: those of the first one first.
    ///
    /// # Errors
    /// `SCHEMA_MISMATCH` where no type holds the values of a column of two files.
    pub fn of_all(files: &[(String, Vec<FieldRef>)]) -> Result<Self> {
        let mut fields: Vec<(FieldRef, &str)> = Vec::new();
        let mut mismatches = Vec::new();
        for (path, own) in files {
            for field in own {
                let Some((known, first)) = fields.iter_mut().find(|(known, _)| known.name() == field.name()) else {
                    fields.push((nullable(field), path));
                    continue;
                };
                match common(known.data_type(), field.data_type()) {
                    Some(wide) => *known = Arc::new(known.as_ref().clone().with_data_type(wide)),
                    None => mismatches.push(Mismatch {
                        column: field.name().clone(),
                        path: path.clone(),
                        found: Some(field.data_type().to_string()),
                        expected_by: (*first).to_owned(),
                        expected: Some(known.data_type().to_string()),
                    }),
                }
            }
        }
        if !mismatches.is_empty() {
            return Err(SpillwayError::mismatch(mismatches));
        }
        let path = files.first().map_or_else(String::new, |(path, _)| path.clone());
        Ok(Self {
            fields: fields.into_iter().map(|(field, _)| field).collect(),
            path,
            strict: false,
            memo: OnceLock::new(),
        })
    }

    /// Puts the fields in the order in which columns were asked for.
    ///
    /// # Errors
    /// `UNKNOWN_COLUMN` for a name that no file has.
    pub fn put_in_order(&mut self, names: &[String]) -> Result<()> {
        let mut ordered: Vec<FieldRef> = Vec::with_capacity(self.fields.len());
        for name in names {
            let Some(field) = self.fields.iter().find(|field| is_or_leads_to(name, field.name())) else {
                let message = format!("Cannot find column '{name}' in any of the files; check its name");
                return Err(SpillwayError::new(ErrorCode::UnknownColumn, message).at_column(name));
            };
            if !ordered.iter().any(|known| known.name() == field.name()) {
                ordered.push(Arc::clone(field));
            }
        }
        self.fields = ordered;
        Ok(())
    }

    /// The columns of a file, one for each field: widened where their type is narrower, null where they are missing.
    ///
    /// # Errors
    /// `SCHEMA_MISMATCH` with all that does not fit.
    pub fn columns(
        &self,
        file: &Arc<ParquetFile>,
        options: &ScanOptions,
        constants: &[Constant],
    ) -> Result<Vec<FileColumn>> {
        let mut own = self.own_columns(file, options, constants)?;
        let mut mismatches = Vec::new();
        let mismatch = |column: &str, found: Option<&DataType>, expected: Option<&DataType>| Mismatch {
            column: column.to_owned(),
            path: file.path.clone(),
            found: found.map(ToString::to_string),
            expected_by: self.path.clone(),
            expected: expected.map(ToString::to_string),
        };
        let mut columns = Vec::with_capacity(self.fields.len());
        for field in &self.fields {
            if let Some(constant) = find(constants, field.name()) {
                columns.push(FileColumn::Constant(Box::new(constant.clone())));
            } else if let Some(index) = own.iter().position(|column| column.field.name() == field.name()) {
                let column = own.swap_remove(index);
                let found = column.field.data_type().clone();
                match self.fit(column, field, options.strings) {
                    Some(column) => columns.push(FileColumn::Read(Box::new(column))),
                    None => mismatches.push(mismatch(field.name(), Some(&found), Some(field.data_type()))),
                }
            } else if self.strict {
                mismatches.push(mismatch(field.name(), None, Some(field.data_type())));
            } else {
                columns.push(FileColumn::Constant(Box::new(Constant::null(field))));
            }
        }
        if self.strict && options.columns.is_none() {
            let is_extra = |field: &&FieldRef| {
                find(constants, field.name()).is_none() && self.fields.iter().all(|known| known.name() != field.name())
            };
            let extra = file.schema.fields().iter().filter(is_extra);
            mismatches.extend(extra.map(|field| mismatch(field.name(), Some(field.data_type()), None)));
        }
        if mismatches.is_empty() { Ok(columns) } else { Err(SpillwayError::mismatch(mismatches)) }
    }

    /// The columns of a file that are read for the fields, as far as it has them.
    fn own_columns(
        &self,
        file: &Arc<ParquetFile>,
        options: &ScanOptions,
        constants: &[Constant],
    ) -> Result<Vec<ScanColumn>> {
        let coded = |roots: &[RootColumn]| roots.iter().map(|root| gathers_codes(file, root)).collect::<Vec<_>>();
        if let Some(memo) = self.memo.get()
            && memo.schema.is_of(&file.metadata)
            && coded(&memo.roots) == memo.coded
        {
            return Ok(memo.columns.clone());
        }
        let names: Vec<&String> = match &options.columns {
            Some(names) => names.iter().collect(),
            None => self.fields.iter().map(|field| field.name()).collect(),
        };
        let is_own = |name: &String| find(constants, name).is_none();
        let present: Vec<String> =
            names.into_iter().filter(|name| is_own(name) && has_column(file, name)).cloned().collect();
        let projection = Projection::resolve(file, Some(&present))?;
        let is_dictionary = |field: &&FieldRef| matches!(field.data_type(), DataType::Dictionary(..));
        let is_read = |name: &String| projection.roots.iter().any(|root| root.name == *name);
        let dictionaries = self.fields.iter().filter(is_dictionary).map(|field| field.name().clone()).filter(is_read);
        let dictionary = Dictionary::Columns(dictionaries.collect());
        let own = scan_columns(file, &projection, &dictionary, options.strings).or_else(|error| {
            // A column that is to be a dictionary and holds no strings: told as a mismatch below.
            scan_columns(file, &projection, &Dictionary::None, options.strings).map_err(|_| error)
        })?;
        let roots = projection.roots;
        let _ = self.memo.set(Memo { schema: file.known_schema(), coded: coded(&roots), roots, columns: own.clone() });
        Ok(own)
    }

    /// A column as `field` shows it, if that loses nothing.
    fn fit(&self, column: ScanColumn, field: &FieldRef, strings: Strings) -> Option<ScanColumn> {
        let (found, wanted) = (column.field.data_type(), field.data_type());
        let field = Arc::clone(field);
        if is_same(found, wanted) {
            return Some(ScanColumn { field, ..column });
        }
        if self.strict || !widens(found, wanted) {
            return None;
        }
        let cast = decoded_type(wanted, strings == Strings::Preserve, true);
        Some(ScanColumn { field, cast: Some(cast), ..column })
    }
}

/// The columns of a file that is read alone: those asked for, or all of its own and then the constants.
///
/// # Errors
/// `UNKNOWN_COLUMN`, `INVALID_ARGUMENT` or `UNSUPPORTED_FEATURE`.
pub fn own_columns(file: &Arc<ParquetFile>, options: &ScanOptions, constants: &[Constant]) -> Result<Vec<FileColumn>> {
    columns_named(file, options.columns.as_deref(), &options.dictionary, options.strings, constants)
}

/// The fields of those of the columns asked for that a file has.
///
/// # Errors
/// As [`own_columns`], but for `UNKNOWN_COLUMN`.
pub fn present_fields(file: &Arc<ParquetFile>, options: &ScanOptions, constants: &[Constant]) -> Result<Vec<FieldRef>> {
    let has = |name: &&String| find(constants, name).is_some() || has_column(file, name);
    let present = |names: &[String]| names.iter().filter(has).cloned().collect::<Vec<_>>();
    let names = options.columns.as_deref().map(present);
    let dictionary = match &options.dictionary {
        Dictionary::Columns(names) => Dictionary::Columns(present(names)),
        other => other.clone(),
    };
    let columns = columns_named(file, names.as_deref(), &dictionary, options.strings, constants)?;
    Ok(columns.iter().map(|column| Arc::clone(column.field())).collect())
}

fn columns_named(
    file: &Arc<ParquetFile>,
    names: Option<&[String]>,
    dictionary: &Dictionary,
    strings: Strings,
    constants: &[Constant],
) -> Result<Vec<FileColumn>> {
    let is_constant = |name: &str| find(constants, name).is_some();
    let own = names.map(|names| names.iter().filter(|name| !is_constant(name)).cloned().collect::<Vec<_>>());
    let mut projection = Projection::resolve(file, own.as_deref())?;
    projection.roots.retain(|root| !is_constant(&root.name));
    let columns = scan_columns(file, &projection, dictionary, strings)?;
    let mut columns: Vec<FileColumn> = columns.into_iter().map(|column| FileColumn::Read(Box::new(column))).collect();
    let constant = |constant: &Constant| FileColumn::Constant(Box::new(constant.clone()));
    match names {
        None => columns.extend(constants.iter().map(constant)),
        Some(names) => {
            // In the order asked for: behind the columns that were named before.
            for (index, name) in names.iter().enumerate() {
                let Some(found) = find(constants, name) else { continue };
                let before = names[..index].iter().filter_map(|name| place_of(&columns, name)).max();
                columns.insert(before.map_or(0, |place| place + 1), constant(found));
            }
        }
    }
    Ok(columns)
}

fn has_column(file: &ParquetFile, name: &String) -> bool {
    Projection::resolve(file, Some(std::slice::from_ref(name))).is_ok()
}

fn place_of(columns: &[FileColumn], name: &str) -> Option<usize> {
    columns.iter().position(|column| is_or_leads_to(name, column.field().name()))
}

/// Whether a path is of a column, or of a field within it.
fn is_or_leads_to(path: &str, column: &str) -> bool {
    path.strip_prefix(column).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn find<'a>(constants: &'a [Constant], name: &str) -> Option<&'a Constant> {
    constants.iter().find(|constant| constant.field.name() == name)
}

/// Any file may have nulls.
fn nullable(field: &FieldRef) -> FieldRef {
    Arc::new(field.as_ref().clone().with_nullable(true))
}
