import { useRef, useState } from 'preact/hooks'
import type { Picture } from './conversation.ts'

/** The kinds all four protocols can carry. */
const KINDS = ['image/png', 'image/jpeg', 'image/webp', 'image/gif']

/** A picture may have this many bytes, and a question this many pictures. */
const BYTES_MAX = 5 * 1024 * 1024
const PICTURES_MAX = 4

/** Chooses the pictures that go along with the next question. They stay in this page. */
export function Pictures(props: {
  readonly pictures: readonly Picture[]
  readonly onChange: (pictures: readonly Picture[]) => void
}) {
  const { pictures, onChange } = props
  const [refused, setRefused] = useState<string>()
  const input = useRef<HTMLInputElement>(null)
  const add = async (files: readonly File[]) => {
    const reason = refusalOf(files, pictures.length)
    setRefused(reason)
    if (reason === undefined) onChange([...pictures, ...(await Promise.all(files.map(read)))])
    if (input.current !== null) input.current.value = ''
  }
  return (
    <div class="pictures">
      <label>
        <span class="soft">Pictures </span>
        <input
          ref={input}
          type="file"
          multiple
          accept={KINDS.join(',')}
          onChange={event => void add([...(event.currentTarget.files ?? [])])}
        />
      </label>
      {refused !== undefined && (
        <p class="field-refusal" role="alert">
          {refused}
        </p>
      )}
      {pictures.map((picture, place) => (
        <span key={picture.url} class="picture">
          <img src={picture.url} alt={picture.name} />
          <button
            type="button"
            aria-label={`Remove ${picture.name}`}
            onClick={() => onChange(pictures.toSpliced(place, 1))}
          >
            Remove
          </button>
        </span>
      ))}
    </div>
  )
}

function refusalOf(files: readonly File[], already: number): string | undefined {
  if (already + files.length > PICTURES_MAX) return `A question takes at most ${PICTURES_MAX} pictures here.`
  const other = files.find(file => !KINDS.includes(file.type))
  if (other !== undefined) return `${other.name} is no PNG, JPEG, WebP or GIF.`
  const large = files.find(file => file.size > BYTES_MAX)
  return large === undefined ? undefined : `${large.name} is larger than ${BYTES_MAX / 1024 / 1024} MiB.`
}

function read(file: File): Promise<Picture> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve({ name: file.name, url: String(reader.result) })
    reader.onerror = () => reject(reader.error ?? new Error(`${file.name} cannot be read.`))
    reader.readAsDataURL(file)
  })
}
