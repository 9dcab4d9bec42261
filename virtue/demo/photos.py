"""Small pictures for the demo's claims: a canal under trees, each a little different. Nobody is on them."""

import io
import random

from PIL import Image, ImageDraw

SIZE = (640, 480)


def scene(dice: random.Random) -> bytes:
    """One picture as JPEG."""
    picture = Image.new("RGB", SIZE, (186 + dice.randrange(30), 214, 236))
    pen = ImageDraw.Draw(picture)
    horizon = 190 + dice.randrange(70)
    pen.rectangle((0, horizon, *SIZE), fill=(188, 164 + dice.randrange(20), 118))
    for _ in range(dice.randint(5, 9)):
        x, tall = dice.randrange(SIZE[0]), dice.randrange(90, 170)
        pen.rectangle((x, horizon - tall // 2, x + 8, horizon), fill=(110, 84, 60))
        pen.ellipse((x - 26, horizon - tall, x + 34, horizon - tall // 3), fill=(70, 110 + dice.randrange(50), 66))
    left, right = dice.randrange(120, 260), dice.randrange(330, 520)
    pen.polygon([(left, SIZE[1]), (right, SIZE[1]), (340, horizon), (320, horizon)], fill=(104, 148, 170))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
