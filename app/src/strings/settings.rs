//! Settings.

strings! {
    /// Appearance, language, account.
    Settings {
        title: "Settings" | "Indstillinger",
        appearance: "Appearance" | "Udseende",
        theme: "Theme" | "Tema",
        theme_help: "System follows your device." | "System følger din enhed.",
        theme_system: "System" | "System",
        theme_light: "Light" | "Lyst",
        theme_dark: "Dark" | "Mørkt",
        language: "Language" | "Sprog",
        language_help: "On this device." | "På denne enhed.",
        apply: "Apply" | "Anvend",
        workspace: "Workspace" | "Arbejdsområde",
        workspace_name: "Name" | "Navn",
        workspace_address: "Address" | "Adresse",
        your_role: "Your role" | "Din rolle",
        account: "Account" | "Konto",
        signed_in_as: "Signed in as" | "Logget ind som",
        until: "This session ends" | "Sessionen udløber",
        sign_out: "Sign out" | "Log ud",
    }
}
