//! Looking at what a run changed, and talking about it.

strings! {
    /// The diff and its comments.
    Review {
        layout: "Layout of the diff" | "Diffens opstilling",
        wrap: "Wrap lines" | "Ombryd linjer",
        unified: "Unified" | "Samlet",
        split: "Side by side" | "Side om side",
        viewed: "Viewed" | "Set",
        of_viewed: "viewed" | "set",
        jump: "Files changed" | "Ændrede filer",
        show_file: "Show this file" | "Vis filen",
        comments: "Comments" | "Kommentarer",
        no_comments: "Nothing said yet. Point at a line of the diff, or write below." | "Intet sagt endnu. Peg på en linje i diffen, eller skriv herunder.",
        comment: "Comment" | "Kommentér",
        comment_on: "Comment on line" | "Kommentér linje",
        comment_text: "Your comment" | "Din kommentar",
        remove: "Delete the comment" | "Slet kommentaren",
        you: "You" | "Dig",
        somebody: "Somebody" | "Nogen",
        line: "line" | "linje",
        before: "before the change" | "før ændringen",
        activity: "Activity" | "Aktivitet",
        compare: "Compare runs" | "Sammenlign kørsler",
        compare_with: "Beside run" | "Ved siden af kørsel",
        isolation: "Isolation" | "Isolation",
        took: "Took" | "Tog",
        more_commands: "more commands" | "flere kommandoer",
    }
}
