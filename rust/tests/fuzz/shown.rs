//! Batches as JavaScript gets them, as arrays of which everything is checked.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, make_array};
use arrow_data::{ArrayData, ArrayDataBuilder};
use arrow_schema::{DataType, SchemaRef};

use crate::abi;

const HEAD: usize = 16;

/// Native memory; given back when it is dropped.
#[derive(Debug)]
pub struct Buffer {
    address: usize,
    length: usize,
    slot: usize,
}

impl Buffer {
    pub fn new(numbers: &[f64]) -> Self {
        Self { address: numbers[0] as usize, length: numbers[1] as usize, slot: numbers[2] as usize }
    }

    pub fn bytes(&self) -> &[u8] {
        if self.length == 0 {
            return &[];
        }
        // SAFETY: a descriptor gives memory that lives until its slot is freed.
        unsafe { std::slice::from_raw_parts(self.address as *const u8, self.length) }
    }

    fn copied(&self) -> arrow_buffer::Buffer {
        arrow_buffer::Buffer::from(self.bytes())
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.slot != 0 {
            abi::free(self.slot);
        }
    }
}

/// A batch's descriptor, whose memory it owns.
#[derive(Debug)]
pub struct Numbers {
    pub sequence: u64,
    pub rows: usize,
    pub bytes: usize,
    nodes: Vec<[usize; 2]>,
    buffers: Vec<Buffer>,
    dictionaries: Vec<(usize, usize, Buffer, Buffer)>,
}

impl Numbers {
    pub fn new(numbers: &[f64]) -> Self {
        let whole = |at: usize| numbers[at] as usize;
        let (nodes_at, buffers_at) = (HEAD, HEAD + 2 * whole(4));
        let dictionaries_at = buffers_at + 3 * whole(5);
        let dictionary = |at: usize| {
            (whole(at), whole(at + 1), Buffer::new(&numbers[at + 2..at + 5]), Buffer::new(&numbers[at + 5..at + 8]))
        };
        Self {
            sequence: whole(1) as u64,
            rows: whole(2),
            bytes: whole(3),
            nodes: (0..whole(4)).map(|at| [whole(nodes_at + 2 * at), whole(nodes_at + 2 * at + 1)]).collect(),
            buffers: (0..whole(5)).map(|at| Buffer::new(&numbers[buffers_at + 3 * at..])).collect(),
            dictionaries: (0..whole(9)).map(|at| dictionary(dictionaries_at + 8 * at)).collect(),
        }
    }
}

/// Makes batches of descriptors.
#[derive(Debug)]
pub struct Reader {
    pub schema: SchemaRef,
    /// Values of each dictionary so far.
    dictionaries: Vec<(DataType, Option<ArrayRef>)>,
}

impl Reader {
    pub fn new(schema: SchemaRef) -> Self {
        let mut dictionaries = Vec::new();
        for field in schema.fields() {
            if let DataType::Dictionary(_, values) = field.data_type() {
                dictionaries.push((values.as_ref().clone(), None));
            }
        }
        Self { schema, dictionaries }
    }

    /// The batch, copied.
    ///
    /// # Errors
    /// Text of what makes it no valid Arrow.
    pub fn batch(&mut self, numbers: &Numbers) -> Result<RecordBatch, String> {
        for (id, length, offsets, data) in &numbers.dictionaries {
            self.grow(*id, *length, offsets, data)?;
        }
        let mut walk = Walk { nodes: numbers.nodes.iter(), buffers: numbers.buffers.iter() };
        let (mut columns, mut dictionary) = (Vec::new(), 0);
        for field in self.schema.fields() {
            let data = match field.data_type() {
                DataType::Dictionary(..) => {
                    dictionary += 1;
                    walk.dictionary(field.data_type(), self.dictionaries.get(dictionary - 1))
                }
                other => walk.column(other),
            };
            let data = data.map_err(|cause| format!("column '{}': {cause}", field.name()))?;
            if data.len() != numbers.rows {
                return Err(format!("column '{}' has {} of {} rows", field.name(), data.len(), numbers.rows));
            }
            columns.push(make_array(data));
        }
        if walk.nodes.next().is_some() || walk.buffers.next().is_some() {
            return Err("more nodes or buffers than columns".into());
        }
        let options = RecordBatchOptions::new().with_row_count(Some(numbers.rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options).map_err(|e| e.to_string())
    }

    fn grow(&mut self, id: usize, length: usize, offsets: &Buffer, data: &Buffer) -> Result<(), String> {
        let (data_type, values) = self.dictionaries.get_mut(id).ok_or("a dictionary that no column has")?;
        let new = ArrayData::builder(data_type.clone()).len(length);
        let new = new.add_buffer(offsets.copied()).add_buffer(data.copied());
        let new = make_array(valid(new).map_err(|cause| format!("dictionary {id}: {cause}"))?);
        *values = Some(match values.take() {
            None => new,
            Some(old) => arrow_select::concat::concat(&[&old, &new]).map_err(|e| e.to_string())?,
        });
        Ok(())
    }
}

struct Walk<'a> {
    nodes: std::slice::Iter<'a, [usize; 2]>,
    buffers: std::slice::Iter<'a, Buffer>,
}

impl Walk<'_> {
    fn buffer(&mut self) -> Result<&Buffer, String> {
        self.buffers.next().ok_or_else(|| "a buffer is missing".into())
    }

    fn head(&mut self, data_type: &DataType) -> Result<ArrayDataBuilder, String> {
        let [length, null_count] = *self.nodes.next().ok_or("a node is missing")?;
        let builder = ArrayData::builder(data_type.clone()).len(length);
        if data_type == &DataType::Null {
            return Ok(builder);
        }
        let validity = self.buffer()?;
        if null_count == 0 {
            return Ok(builder);
        }
        if validity.length < length.div_ceil(8) {
            return Err(format!("{null_count} nulls, and a bitmap of {} bytes", validity.length));
        }
        let nulls = arrow_buffer::BooleanBuffer::new(validity.copied(), 0, length);
        let nulls = arrow_buffer::NullBuffer::new(nulls);
        if nulls.null_count() != null_count {
            return Err(format!("{null_count} nulls are said to be there, and {} are", nulls.null_count()));
        }
        Ok(builder.nulls(Some(nulls)))
    }

    fn dictionary(
        &mut self,
        data_type: &DataType,
        values: Option<&(DataType, Option<ArrayRef>)>,
    ) -> Result<ArrayData, String> {
        let builder = self.head(data_type)?;
        let codes = self.buffer()?.copied();
        let (values_type, values) = values.ok_or("a dictionary without values")?;
        let values = values.clone().unwrap_or_else(|| arrow_array::new_empty_array(values_type));
        valid(builder.add_buffer(codes).add_child_data(values.to_data()))
    }

    fn column(&mut self, data_type: &DataType) -> Result<ArrayData, String> {
        let mut builder = self.head(data_type)?;
        match data_type {
            DataType::Null => {}
            DataType::Utf8 | DataType::Binary | DataType::LargeUtf8 | DataType::LargeBinary => {
                let offsets = self.offsets()?;
                builder = builder.add_buffer(offsets).add_buffer(self.buffer()?.copied());
            }
            DataType::List(item) | DataType::LargeList(item) | DataType::Map(item, _) => {
                let offsets = self.offsets()?;
                builder = builder.add_buffer(offsets).add_child_data(self.column(item.data_type())?);
            }
            DataType::FixedSizeList(item, _) => builder = builder.add_child_data(self.column(item.data_type())?),
            DataType::Struct(fields) => {
                for field in fields {
                    builder = builder.add_child_data(self.column(field.data_type())?);
                }
            }
            _ => builder = builder.add_buffer(self.buffer()?.copied()),
        }
        valid(builder)
    }

    /// JavaScript takes none for the one offset of no rows.
    fn offsets(&mut self) -> Result<arrow_buffer::Buffer, String> {
        let buffer = self.buffer()?;
        Ok(if buffer.length == 0 { arrow_buffer::Buffer::from(vec![0_u8; 8]) } else { buffer.copied() })
    }
}

fn valid(builder: ArrayDataBuilder) -> Result<ArrayData, String> {
    let data = builder.build().map_err(|e| e.to_string())?;
    data.validate_full().map_err(|e| e.to_string())?;
    Ok(data)
}
