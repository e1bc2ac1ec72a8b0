"""What a worker meets in the street, drawn with few strokes. Needs Pillow, passed in as `draw`.

The canvas is `WIDTH` × `HEIGHT`; a scene draws over the street that `street` has painted.
"""

import random
from collections.abc import Callable
from typing import Any

WIDTH, HEIGHT = 1280, 960
_GROUND = 600
_INK = (30, 30, 34)

Draw = Any
Scene = Callable[[Draw, random.Random], None]


def street(draw: Draw, rng: random.Random) -> None:
    """Sky, a row of houses with windows, pavement and road, in the colours of the seed."""
    draw.rectangle((0, 0, WIDTH, _GROUND), fill=_shade(rng, (150, 180, 215)))
    left = 0
    while left < WIDTH:
        right = left + rng.randrange(180, 340)
        top = rng.randrange(80, 300)
        draw.rectangle((left, top, right, _GROUND), fill=_shade(rng, (175, 150, 130)))
        for x in range(left + 24, right - 50, 70):
            for y in range(top + 30, _GROUND - 130, 90):
                draw.rectangle((x, y, x + 36, y + 50), fill=_shade(rng, (90, 110, 130)))
        left = right
    draw.rectangle((0, _GROUND, WIDTH, 740), fill=_shade(rng, (165, 160, 155)))
    draw.rectangle((0, 740, WIDTH, HEIGHT), fill=_shade(rng, (95, 95, 100)))
    for x in range(rng.randrange(160), WIDTH, 160):
        draw.line((x, _GROUND, x - 60, 740), fill=(130, 126, 122), width=3)


def manhole(draw: Draw, rng: random.Random) -> None:
    """井盖破损: a round cover with a piece missing and a crack across."""
    x, y = rng.randrange(420, 860), rng.randrange(790, 850)
    draw.ellipse((x - 220, y - 80, x + 220, y + 80), fill=(70, 66, 64), outline=_INK, width=8)
    for ring in (170, 120, 70):
        box = (x - ring, y - ring * 0.36, x + ring, y + ring * 0.36)
        draw.ellipse(box, outline=(105, 100, 96), width=5)
    edge = rng.randrange(60, 140)
    hole = [(x + 10, y - 20), (x + edge, y - 78), (x + 216, y - 20), (x + 190, y + 40)]
    draw.polygon(hole, fill=(5, 5, 8))
    draw.line([(x - 200, y + 10), (x - 90, y - 25), (x + 10, y - 20)], fill=(8, 8, 8), width=9)


def fire_exit(draw: Draw, rng: random.Random) -> None:
    """堵塞安全出口: a green exit sign over a door that boxes stand before."""
    x = rng.randrange(200, 800)
    draw.rectangle((x, 250, x + 280, 740), fill=(196, 60, 52), outline=_INK, width=6)
    draw.rectangle((x + 60, 170, x + 220, 235), fill=(0, 140, 70), outline=(240, 240, 240), width=5)
    draw.polygon([(x + 190, 202), (x + 160, 182), (x + 160, 222)], fill=(240, 240, 240))
    draw.line((x + 90, 202, x + 165, 202), fill=(240, 240, 240), width=12)
    for row in range(3):
        for column in range(4 - row):
            left = x - 50 + column * 105 + row * 50 + rng.randrange(-8, 8)
            box = (left, 650 - row * 95, left + 98, 742 - row * 95)
            draw.rectangle(box, fill=_shade(rng, (186, 140, 84)), outline=(110, 76, 40), width=4)
            draw.line((left, 690 - row * 95, left + 98, 690 - row * 95), fill=(220, 200, 150))


def rubbish(draw: Draw, rng: random.Random) -> None:
    """暴露垃圾: an overflowing bin and bags around it."""
    x = rng.randrange(350, 850)
    draw.polygon([(x - 80, 560), (x + 80, 560), (x + 64, 770), (x - 64, 770)], fill=(40, 105, 60))
    for _ in range(16):
        left, top = x + rng.randrange(-300, 240), rng.randrange(690, 800)
        size = rng.randrange(50, 110)
        draw.ellipse((left, top, left + size, top + size * 0.8), fill=_shade(rng, (46, 46, 54)))
        draw.line((left + size / 2, top, left + size / 2 + 8, top - 16), fill=_INK, width=6)
    for _ in range(40):
        left, top = x + rng.randrange(-380, 380), rng.randrange(740, 900)
        draw.rectangle((left, top, left + 24, top + 14), fill=_shade(rng, (215, 205, 180)))


def ebike(draw: Draw, rng: random.Random) -> None:
    """电动车停放楼道: an electric bicycle at the foot of a staircase."""
    for step in range(9):
        left, top = 560 + step * 80, 700 - step * 62
        draw.rectangle((left, top, WIDTH, top + 62), fill=_shade(rng, (150, 148, 145)))
    x, y = rng.randrange(220, 420), 780
    for wheel in (x, x + 330):
        draw.ellipse((wheel - 90, y - 90, wheel + 90, y + 90), outline=_INK, width=18)
    frame = [(x, y), (x + 110, y - 40), (x + 250, y - 30), (x + 330, y), (x + 290, y - 190)]
    draw.line(frame, fill=_shade(rng, (190, 40, 50)), width=26)
    draw.line((x + 110, y - 40, x + 60, y - 150, x + 160, y - 165), fill=_INK, width=22)
    draw.line((x + 290, y - 190, x + 230, y - 215), fill=_INK, width=14)
    draw.line((x + 110, y - 20, x + 40, y + 70, x - 160, y + 90), fill=(240, 170, 20), width=7)


def adverts(draw: Draw, rng: random.Random) -> None:
    """非法小广告: a lamp post full of paper slips."""
    x = rng.randrange(450, 800)
    draw.rectangle((x - 55, 40, x + 55, 860), fill=(120, 124, 128), outline=_INK, width=5)
    for _ in range(13):
        left, top = x + rng.randrange(-60, 10), rng.randrange(120, 720)
        width, height = rng.randrange(50, 80), rng.randrange(60, 100)
        colour = rng.choice(((250, 245, 190), (250, 200, 200), (240, 240, 245)))
        draw.rectangle((left, top, left + width, top + height), fill=colour, outline=_INK)
        for line in range(top + 12, top + height - 8, 12):
            draw.line((left + 6, line, left + width - 8, line), fill=(150, 40, 40), width=3)


def stall(draw: Draw, rng: random.Random) -> None:
    """店外经营: a striped awning and crates of goods on the pavement."""
    x = rng.randrange(150, 600)
    for stripe in range(10):
        colour = (200, 50, 50) if stripe % 2 else (240, 235, 225)
        left = x + stripe * 56
        draw.polygon(
            [(left, 380), (left + 56, 380), (left + 42, 490), (left - 14, 490)], fill=colour
        )
    draw.rectangle((x, 490, x + 546, 600), fill=(70, 56, 48))
    for crate in range(5):
        left = x + crate * 112
        draw.rectangle((left, 660, left + 100, 740), fill=(150, 105, 60), outline=_INK, width=4)
        fruit = rng.choice(((220, 60, 40), (235, 160, 30), (90, 160, 50)))
        for number in range(8):
            px, py = left + 8 + number % 4 * 23, 630 + number // 4 * 20
            draw.ellipse((px, py, px + 24, py + 24), fill=fruit)


SCENES: dict[str, Scene] = {
    "manhole": manhole,
    "fire_exit": fire_exit,
    "rubbish": rubbish,
    "ebike": ebike,
    "adverts": adverts,
    "stall": stall,
}


def _shade(rng: random.Random, colour: tuple[int, int, int]) -> tuple[int, ...]:
    """The colour, a little lighter or darker."""
    change = rng.randrange(-22, 23)
    return tuple(max(0, min(255, part + change)) for part in colour)
