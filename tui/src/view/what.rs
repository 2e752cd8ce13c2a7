//! The cell of the column WHAT: the call and its objects, `AttachUserPolicy  Admin…cess → user deploy-bot`. Names are
//! cut in their middle, those before the last first: the last is the user or role that got something. The call's name
//! is cut after them, and signs never.

use crate::widget::text;

/// Cells that a name keeps while the last one is whole.
const SHORT: usize = 10;
/// Cells that a name keeps while the call's name is whole.
const LEAST: usize = 8;

/// A part of the cell, with the sign or blanks before it.
struct Piece<'a> {
    before: &'static str,
    words: &'a str,
    cells: usize,
    is_name: bool,
}

/// Returns the words in exactly so many cells.
pub(super) fn fit(words: &str, cells: usize) -> String {
    let mut pieces = pieces(words);
    let mut over = text::width(words).saturating_sub(cells);
    let last = pieces.iter().rposition(|piece| piece.is_name);
    for (least, but) in [(SHORT, last), (LEAST, None)] {
        while over > 0 {
            let names = pieces
                .iter_mut()
                .enumerate()
                .filter(|(at, piece)| piece.is_name && piece.cells > least && Some(*at) != but);
            let Some((_, longest)) = names.max_by_key(|(_, piece)| piece.cells) else { break };
            longest.cells -= 1;
            over -= 1;
        }
    }
    if let Some(call) = pieces.first_mut() {
        call.cells = call.cells.saturating_sub(over).max(LEAST.min(call.cells));
    }
    let cut = |piece: &Piece<'_>| format!("{}{}", piece.before, text::fit_middle(piece.words, piece.cells));
    text::fit(&pieces.iter().map(cut).collect::<String>(), cells)
}

/// The call, then its objects and signs.
fn pieces(words: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for (at, section) in words.split("  ").enumerate() {
        let mut before = if at == 0 { "" } else { "  " };
        let mut rest = section;
        loop {
            let next = [" → ", " ← "].into_iter().filter_map(|sign| Some((rest.find(sign)?, sign))).min();
            let (words, then) = match next {
                Some((end, sign)) => rest.split_at_checked(end).map_or((rest, None), |(words, then)| {
                    (words, then.strip_prefix(sign).map(|then| (sign, then)))
                }),
                None => (rest, None),
            };
            let is_name = at > 0 && !words.starts_with('⚠');
            pieces.push(Piece { before, words, cells: text::width(words), is_name });
            let Some((sign, then)) = then else { break };
            (before, rest) = (sign, then);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_in_their_middle_and_the_call_last() {
        let attach = "AttachUserPolicy  AdministratorAccess → user malicious-iam-user";
        assert_eq!(fit(attach, 70).trim_end(), attach);
        assert_eq!(fit(attach, 52), "AttachUserPolicy  Admini…ess → user malicio…iam-user");
        assert_eq!(fit(attach, 40), "AttachUserPolicy  Admini…ess → user …ser");
        assert_eq!(
            fit("UpdateAssumeRolePolicy  stratus-red-team-backdoor-role  ⚠ external", 50),
            "UpdateAssumeRolePolicy  stratus-…-role  ⚠ external"
        );
        assert_eq!(fit("✗ CreateAccessKey  → user marta", 31), "✗ CreateAccessKey  → user marta");
        for cells in 1..70 {
            assert_eq!(text::width(&fit(attach, cells)), cells);
        }
    }
}
