//! The names of the modifiers, and what to say of one that is none of them. What each does is `detection`'s
//! matter.

/// Every modifier that a field may have.
pub(super) const ALL: [&str; 17] = [
    "contains",
    "startswith",
    "endswith",
    "all",
    "cased",
    "neq",
    "re",
    "i",
    "m",
    "s",
    "cidr",
    "lt",
    "lte",
    "gt",
    "gte",
    "exists",
    "fieldref",
];

/// Returns a hint at what could be written instead, as the end of a sentence.
pub(super) fn instead(modifier: &str) -> String {
    if modifier == "timeframe" {
        return ": rules match single records".to_owned();
    }
    if matches!(modifier, "i" | "m" | "s") {
        return ": it must follow `re`".to_owned();
    }
    // One that is known, or several, which can't be together.
    if ALL.contains(&modifier) || modifier.contains(' ') {
        return ": they can't be used together".to_owned();
    }
    near(modifier)
        .map_or_else(|| format!("; use {}", ALL.join(", ")), |near| format!(": did you mean `{near}`?"))
}

/// The modifier that was probably meant: one that begins alike, or is a letter or two away.
fn near(modifier: &str) -> Option<&'static str> {
    let letters: String = modifier.chars().filter(char::is_ascii_alphanumeric).collect();
    let letters = letters.to_ascii_lowercase();
    let is_near = |known: &&str| {
        let begins_alike = letters.len() > 1 && (known.starts_with(&letters) || letters.starts_with(*known));
        begins_alike || distance(&letters, known) <= known.len() / 3
    };
    ALL.into_iter()
        .filter(|known| known.len() > 1)
        .filter(is_near)
        .min_by_key(|known| distance(&letters, known))
}

/// Letters to add, take away or change (Levenshtein), for short words.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let (mut diagonal, mut left) = (i, i + 1);
        for (cell, y) in row.iter_mut().skip(1).zip(b.chars()) {
            let here = (diagonal + usize::from(x != y)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, here);
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_probably_meant_is_named_and_else_all_there_are() {
        for (written, meant) in [
            ("contain", "contains"),
            ("startsWith", "startswith"),
            ("ends_with", "endswith"),
            ("regex", "re"),
            ("exist", "exists"),
            ("ne", "neq"),
            ("gte5", "gte"),
        ] {
            assert_eq!(instead(written), format!(": did you mean `{meant}`?"));
        }
        for written in ["base64", "wide", "windash", "expand", "utf16le", "", "é"] {
            assert!(instead(written).starts_with("; use contains, startswith, "), "{written}");
        }
        assert_eq!(instead("neq"), ": they can't be used together");
        assert_eq!(instead("m"), ": it must follow `re`");
    }
}
