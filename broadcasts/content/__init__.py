"""What a broadcast says, and the Bot API request it becomes. Pure.

Content is JSON, stored as it was given:

    {"type": "text", "text": "<b>News</b> for {first_name|you}", "parse_mode": "HTML", "placeholders": true,
     "link_preview": false, "silent": true, "protected": true,
     "buttons": [[{"text": "Read on", "url": "https://example.com"}, {"text": "Vote", "callback_data": "v1"}]]}
    {"type": "photo", "media_id": 12, "caption": "A cat"}
    {"type": "voice", "media_id": 13, "fallback": {"type": "text", "text": "Listen on our site"}}
    {"type": "album", "album": [{"type": "photo", "media_id": 12, "caption": "One"}, {"type": "video", ...}]}

- `type`: text, photo, video, animation, audio, voice, video_note (or "circle"), document, album (2 to 10 of photo
  and video, or of audio, or of document).
- Where the file comes from: `media_id` of /api/media/, `media_url` that Telegram opens, or `file_id` of this bot.
- `parse_mode`: HTML (when left out), MarkdownV2 or none.
- `placeholders`: true makes {first_name}, {username} and {language} stand for what the bot knows of each
  recipient, {first_name|friend} with a word for those it knows nothing of; {{ and }} are braces then. Values are
  escaped for the markup and never longer than LONGEST says.
- `fallback`, for those who refuse voice and video messages: the same file as audio, document or video, or a text;
  null sends them nothing. Left out, an uploaded voice goes as audio and an uploaded video note as video.
"""

from broadcasts.content.checks import media_ids, normalised, problems
from broadcasts.content.placeholders import NAMES, Values
from broadcasts.content.requests import (
    FileIds,
    Prepared,
    cost,
    fallback,
    filled,
    needed,
    prepared,
    request,
)

__all__ = [
    "NAMES",
    "FileIds",
    "Prepared",
    "Values",
    "cost",
    "fallback",
    "filled",
    "media_ids",
    "needed",
    "normalised",
    "prepared",
    "problems",
    "request",
]
