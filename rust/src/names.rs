//! Advice for names that nothing has: the nearest names, or what there is.

use std::collections::HashSet;

/// How many names are suggested for one that there is not.
const MAX_SUGGESTIONS: usize = 3;
/// How many names are listed where none is near.
const MOST_LISTED: usize = 8;

/// The names nearest to a wrong one: those that differ in case only, then by the number of typing errors.
pub(crate) fn nearest<'a>(names: impl IntoIterator<Item = &'a str>, name: &str) -> Vec<String> {
    let wanted = name.to_lowercase();
    let length = wanted.chars().count();
    let allowed = (length / 3).max(1).min(length.saturating_sub(1));
    let mut candidates: Vec<&str> = names.into_iter().collect();
    let mut seen = HashSet::new();
    candidates.retain(|candidate| seen.insert(*candidate) && candidate.len().abs_diff(wanted.len()) <= 4 * allowed + 3);
    let distance = |candidate: &&str| strsim::osa_distance(&candidate.to_lowercase(), &wanted);
    let mut near: Vec<(usize, &str)> = candidates.iter().map(|candidate| (distance(candidate), *candidate)).collect();
    near.retain(|(distance, _)| *distance <= allowed);
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().take(MAX_SUGGESTIONS).map(|(_, candidate)| candidate.to_owned()).collect()
}

/// What to do about a wrong name, given the names near to it and the names of the top-level columns.
pub(crate) fn advice(suggestions: &[String], roots: &[&str]) -> String {
    match suggestions {
        [] => format!("it has {}; names are case-sensitive", listed(roots)),
        [one] => format!("did you mean '{one}'"),
        many => format!("did you mean one of '{}'", many.join("', '")),
    }
}

fn listed(roots: &[&str]) -> String {
    if roots.is_empty() {
        return "no columns".to_owned();
    }
    let names: Vec<String> = roots.iter().take(MOST_LISTED).map(|root| format!("'{root}'")).collect();
    let rest = roots.len().saturating_sub(MOST_LISTED);
    if rest > 0 { format!("{} and {rest} more", names.join(", ")) } else { names.join(", ") }
}
