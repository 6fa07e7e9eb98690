//! Which columns a scan reads: the caller's names, resolved against the file's schema.

use std::sync::Arc;

use parquet::basic::{ConvertedType, LogicalType};
use parquet::schema::types::Type;

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::files::file::ParquetFile;
use crate::names;

/// The columns of a scan, in the order asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    /// Top-level columns, each once.
    pub roots: Vec<RootColumn>,
}

/// A top-level column and what is read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootColumn {
    /// Its name.
    pub name: String,
    /// Its index among the fields of the file's Arrow schema.
    pub root_index: usize,
    /// Indices of the leaf columns to read, ascending; at least one.
    pub leaves: Vec<usize>,
}

impl Projection {
    /// Resolves names, case-sensitive: of top-level columns, or of nested ones with dots between. The names of the groups
    /// that lists are made of may be left out: `items.price` is as good as `items.list.element.price`. All columns for
    /// `None`, none for an empty list. Paths under one root are merged at its first mention.
    ///
    /// # Errors
    /// `UNKNOWN_COLUMN` with the nearest names; `INVALID_ARGUMENT` for a name that is given twice.
    pub fn resolve(file: &ParquetFile, columns: Option<&[String]>) -> Result<Self> {
        let all = file_roots(file.metadata.file_metadata().schema_descr().root_schema());
        let Some(columns) = columns else {
            return Ok(Self { roots: all.iter().map(Root::whole).collect() });
        };
        let mut roots: Vec<RootColumn> = Vec::new();
        for (index, name) in columns.iter().enumerate() {
            if columns[..index].contains(name) {
                let message = format!("Cannot read column '{name}' twice; name it once in `columns`");
                return Err(SpillwayError::new(ErrorCode::InvalidArgument, message)
                    .at_path(&file.path)
                    .at_column(name));
            }
            let found = find(&all, name).ok_or_else(|| unknown(file, &all, name))?;
            match roots.iter_mut().find(|root| root.root_index == found.root_index) {
                Some(root) => {
                    root.leaves.extend(found.leaves);
                    root.leaves.sort_unstable();
                    root.leaves.dedup();
                }
                None => roots.push(found),
            }
        }
        Ok(Self { roots })
    }
}

/// A top-level column of the file with all its leaves.
struct Root {
    name: String,
    index: usize,
    leaves: Vec<Leaf>,
}

struct Leaf {
    index: usize,
    /// Its path as stored.
    stored: String,
    /// Its path without the groups that lists and maps are made of.
    short: String,
    /// The outermost map that it belongs to, as stored: a map is read whole or not at all.
    map: Option<String>,
}

impl Root {
    fn whole(&self) -> RootColumn {
        self.of(self.leaves.iter().map(|leaf| leaf.index).collect())
    }

    fn of(&self, leaves: Vec<usize>) -> RootColumn {
        RootColumn { name: self.name.clone(), root_index: self.index, leaves }
    }
}

fn file_roots(schema: &Type) -> Vec<Root> {
    let mut roots: Vec<Root> = Vec::new();
    let mut first_leaf = 0;
    for field in schema.get_fields() {
        let mut leaves = Vec::new();
        collect_leaves(field, &mut Place::root(field.name()), first_leaf, &mut leaves);
        first_leaf += leaves.len();
        // A group without leaves has no field in the Arrow schema.
        if !leaves.is_empty() {
            roots.push(Root { name: field.name().to_owned(), index: roots.len(), leaves });
        }
    }
    roots
}

/// Where the walk of a schema is.
#[derive(Clone)]
struct Place {
    stored: String,
    short: String,
    map: Option<String>,
}

impl Place {
    fn root(name: &str) -> Self {
        Self { stored: name.to_owned(), short: name.to_owned(), map: None }
    }

    fn child(&self, name: &str) -> Self {
        Self { short: format!("{}.{name}", self.short), ..self.wrapper(name) }
    }

    fn wrapper(&self, name: &str) -> Self {
        Self { stored: format!("{}.{name}", self.stored), short: self.short.clone(), map: self.map.clone() }
    }
}

fn collect_leaves(node: &Type, place: &mut Place, first_leaf: usize, leaves: &mut Vec<Leaf>) {
    if node.is_primitive() {
        let Place { stored, short, map } = place.clone();
        leaves.push(Leaf { index: first_leaf + leaves.len(), stored, short, map });
        return;
    }
    let info = node.get_basic_info();
    let is_list = info.logical_type_ref() == Some(&LogicalType::List) || info.converted_type() == ConvertedType::LIST;
    let is_map = info.logical_type_ref() == Some(&LogicalType::Map)
        || matches!(info.converted_type(), ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE);
    if is_map && place.map.is_none() {
        place.map = Some(place.stored.clone());
    }
    if let ([repeated], true) = (node.get_fields(), is_list || is_map) {
        let mut inside = place.wrapper(repeated.name());
        match inner_element(repeated, is_list) {
            Some(element) => collect_leaves(element, &mut inside.wrapper(element.name()), first_leaf, leaves),
            None if is_list => collect_leaves(repeated, &mut inside, first_leaf, leaves),
            None => collect_children(repeated, &inside, first_leaf, leaves),
        }
    } else {
        collect_children(node, place, first_leaf, leaves);
    }
}

fn collect_children(node: &Type, place: &Place, first_leaf: usize, leaves: &mut Vec<Leaf>) {
    if node.is_primitive() {
        return collect_leaves(node, &mut place.clone(), first_leaf, leaves);
    }
    for field in node.get_fields() {
        collect_leaves(field, &mut place.child(field.name()), first_leaf, leaves);
    }
}

/// The element of a list of three levels; the older lists of two levels have the element in the repeated node's place.
fn inner_element(repeated: &Type, is_list: bool) -> Option<&Arc<Type>> {
    match repeated {
        Type::GroupType { fields, .. } if is_list && fields.len() == 1 && repeated.name() != "array" => fields.first(),
        _ => None,
    }
}

fn find(roots: &[Root], name: &str) -> Option<RootColumn> {
    if let Some(root) = roots.iter().find(|root| root.name == name) {
        return Some(root.whole());
    }
    roots.iter().find_map(|root| {
        let chosen: Vec<&Leaf> =
            root.leaves.iter().filter(|leaf| is_under(&leaf.stored, name) || is_under(&leaf.short, name)).collect();
        let maps: Vec<&str> = chosen.iter().filter_map(|leaf| leaf.map.as_deref()).collect();
        let in_map = |leaf: &Leaf| leaf.map.as_deref().is_some_and(|map| maps.contains(&map));
        let is_chosen = |leaf: &&Leaf| in_map(leaf) || chosen.iter().any(|chosen| chosen.index == leaf.index);
        let leaves: Vec<usize> = root.leaves.iter().filter(is_chosen).map(|leaf| leaf.index).collect();
        (!leaves.is_empty()).then(|| root.of(leaves))
    })
}

/// Whether a path is `name` or lies under it.
fn is_under(path: &str, name: &str) -> bool {
    path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn unknown(file: &ParquetFile, roots: &[Root], name: &str) -> SpillwayError {
    let names: Vec<&str> = roots.iter().map(|root| root.name.as_str()).collect();
    let nested = roots.iter().flat_map(|root| root.leaves.iter().map(|leaf| leaf.short.as_str()));
    let suggestions = names::nearest(names.iter().copied().chain(nested), name);
    let advice = names::advice(&suggestions, &names);
    let message = format!("Cannot read column '{name}': '{}' has no such column; {advice}", file.path);
    let error = SpillwayError::new(ErrorCode::UnknownColumn, message).with_suggestions(suggestions);
    error.at_path(&file.path).at_column(name)
}
