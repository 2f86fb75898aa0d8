// The build replaces the placeholder by a hash of the modules: two versions in one page keep apart.

export const VERSION = "IW_VERSION";
