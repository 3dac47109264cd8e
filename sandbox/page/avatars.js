// Round avatars with initials, coloured by id as Telegram colours them.

import { el } from "./dom.js";
import { colourOf, initialsOf } from "./format.js";

export const avatar = (id, title) => el("span", { class: `avatar background-${colourOf(id)}`, "aria-hidden": "true" }, initialsOf(title));
