//! Saved views.

strings! {
    /// The tabs over the tasks.
    Views {
        views: "Saved views" | "Gemte visninger",
        all: "All tasks" | "Alle opgaver",
        save: "Save view" | "Gem visning",
        change: "Saved view" | "Gemt visning",
        name: "Name of the view" | "Visningens navn",
        shared: "Shared with the workspace" | "Delt med arbejdsområdet",
        share: "Share with the workspace" | "Del med arbejdsområdet",
        unshare: "Keep it to me" | "Behold den for mig selv",
        update: "Save these filters in it" | "Gem disse filtre i den",
        earlier: "Move left" | "Flyt til venstre",
        later: "Move right" | "Flyt til højre",
        delete: "Delete view" | "Slet visning",
        delete_confirm: "its filters are gone for good; the tasks stay." | "dens filtre forsvinder for altid; opgaverne bliver.",
        delete_shared: "it goes for everybody in the workspace; the tasks stay." | "den forsvinder for alle i arbejdsområdet; opgaverne bliver.",
    }
}
