//! Publishing a result.

strings! {
    /// A branch, a push, a merge, a patch.
    Publish {
        title: "Publish" | "Udgiv",
        queued: "Queued" | "I kø",
        running: "Under way" | "I gang",
        done: "Published" | "Udgivet",
        failed: "Not published" | "Ikke udgivet",
        branch: "Branch" | "Gren",
        push: "Push" | "Push",
        merge: "Merge" | "Fletning",
        branch_name: "Branch" | "Gren",
        branch_help: "Left empty: named by the template." | "Tomt felt: navngives efter skabelonen.",
        make_branch: "Make a branch" | "Lav en gren",
        make_push: "Push a branch" | "Push en gren",
        merge_into: "Merge into" | "Flet ind i",
        patch: "Take it as a patch" | "Hent som patch",
    }
}
