/** Most characters of a picture's address: six megabytes of picture. A larger one is not shown. */
const URL_CHARS_MAX = 8 * 1024 * 1024

/** True for a picture that may be shown: it stands in its address, in a form that holds nothing but a picture, and is not too large. */
export function isShownPicture(url: string): boolean {
  return url.length <= URL_CHARS_MAX && /^data:image\/(?:png|jpeg|webp|gif);base64,[A-Za-z0-9+/=]+$/.test(url)
}
