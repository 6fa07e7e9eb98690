//! Files by the values of partition columns, only so many of them open at once.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use rayon::prelude::*;

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::sink::destination::MadeFolders;
use crate::sink::file_series::{FileSeries, FinishedFile};
use crate::sink::options::{FileOptions, SinkOptions};
use crate::sink::partition_key::{PartitionKey, Partitioner};

/// A series of files for each partition that has come.
pub struct Partitions {
    options: Arc<SinkOptions>,
    files: Arc<FileOptions>,
    partitioner: Partitioner,
    series: HashMap<PartitionKey, Partition>,
    writes: u64,
}

struct Partition {
    files: FileSeries,
    /// The write that it was last in.
    used: u64,
}

/// A partition's part of a write.
struct Piece {
    key: PartitionKey,
    partition: Partition,
    batches: Vec<RecordBatch>,
    finished: Vec<FinishedFile>,
}

impl Partitions {
    /// Files of batches of `schema`.
    ///
    /// # Errors
    /// Those of the partition columns and of the encoder.
    pub fn new(options: &Arc<SinkOptions>, files: &Arc<FileOptions>, schema: &SchemaRef) -> Result<Self> {
        let partitioner = Partitioner::new(&files.partition_by, schema)?;
        // What the format can't hold is found before any folder is made.
        options.encoder.encoder(partitioner.schema())?;
        let (options, files) = (Arc::clone(options), Arc::clone(files));
        Ok(Self { options, files, partitioner, series: HashMap::new(), writes: 0 })
    }

    /// Writes batches, each partition's rows into its files.
    ///
    /// # Errors
    /// Those of the files and of the encoders.
    pub fn write(
        &mut self,
        batches: &[RecordBatch],
        finished: &mut Vec<FinishedFile>,
        made: &mut MadeFolders,
    ) -> Result<()> {
        let mut keys = Vec::new();
        let mut parts: HashMap<PartitionKey, Vec<RecordBatch>> = HashMap::new();
        for batch in batches {
            for (key, part) in self.partitioner.split(batch)? {
                let begun = parts.entry(key).or_insert_with_key(|key| {
                    keys.push(key.clone());
                    Vec::new()
                });
                begun.push(part);
            }
        }
        for keys in keys.chunks(self.files.max_open_files.max(1)) {
            self.writes += 1;
            let mut pieces = Vec::with_capacity(keys.len());
            for key in keys {
                let partition = self.partition(key, made)?;
                let batches = parts.remove(key).unwrap_or_default();
                pieces.push(Piece { key: key.clone(), partition, batches, finished: Vec::new() });
            }
            self.close_oldest(
                pieces.iter().filter(|piece| !piece.partition.files.is_open()).count(),
                &pieces,
                finished,
            )?;
            let outcome = pieces
                .par_iter_mut()
                .with_max_len(1)
                .try_for_each(|piece| piece.partition.files.write(&piece.batches, &mut piece.finished));
            for Piece { key, partition, finished: more, .. } in pieces {
                finished.extend(more);
                self.series.insert(key, partition);
            }
            outcome?;
        }
        Ok(())
    }

    /// Takes a partition out of the map, to be put back.
    fn partition(&mut self, key: &PartitionKey, made: &mut MadeFolders) -> Result<Partition> {
        if let Some(partition) = self.series.remove(key) {
            return Ok(Partition { used: self.writes, ..partition });
        }
        let root = Path::new(&self.files.path);
        let folder = root.join(self.partitioner.folder(key));
        refuse_links(&folder, root)?;
        made.make(&folder)?;
        let files = FileSeries::new(&self.options, &self.files, self.partitioner.schema(), Some(folder));
        Ok(Partition { files, used: self.writes })
    }

    /// Ends files that were not written to for longest, until there is room for `opening` new ones.
    fn close_oldest(&mut self, opening: usize, taken: &[Piece], finished: &mut Vec<FinishedFile>) -> Result<()> {
        let taken = taken.iter().filter(|piece| piece.partition.files.is_open()).count();
        let mut open: Vec<&mut Partition> = self.series.values_mut().filter(|other| other.files.is_open()).collect();
        let surplus = (open.len() + taken + opening).saturating_sub(self.files.max_open_files.max(1));
        open.sort_by_key(|partition| partition.used);
        open.into_iter().take(surplus).try_for_each(|partition| partition.files.finish(finished))
    }

    /// Encoded bytes that wait in memory.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.series.values().map(|partition| partition.files.buffered_bytes()).sum()
    }

    /// Writes out the row group that takes most memory.
    ///
    /// # Errors
    /// Those of the file and of the encoder.
    pub fn flush_largest(&mut self) -> Result<()> {
        let largest = self.series.values_mut().max_by_key(|partition| partition.files.buffered_bytes());
        largest.map_or(Ok(()), |partition| partition.files.flush())
    }

    /// Ends all files.
    ///
    /// # Errors
    /// Those of the files and of the encoders.
    pub fn finish(&mut self, finished: &mut Vec<FinishedFile>) -> Result<()> {
        let mut all: Vec<_> = self.series.drain().collect();
        all.sort_by(|(left, _), (right, _)| left.cmp(right));
        all.into_iter().try_for_each(|(_, mut partition)| partition.files.finish(finished))
    }
}

/// Refuses the folder of a partition that is reached by a link which was in the way: its files would lie elsewhere.
fn refuse_links(folder: &Path, root: &Path) -> Result<()> {
    let is_link = |folder: &&Path| folder.symlink_metadata().is_ok_and(|facts| facts.is_symlink());
    let Some(link) = folder.ancestors().take_while(|folder| *folder != root).find(is_link) else { return Ok(()) };
    let link = link.display();
    let message = format!(
        "Cannot write files into {link}: it is a symbolic link, and folders of partitions must be folders; remove it"
    );
    Err(SpillwayError::new(ErrorCode::FileWrite, message).at_path(link.to_string()))
}
