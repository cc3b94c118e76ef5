"""Ten sevens, and the same handwriting as another digit: a conditional VAE."""

from aevum import CVAE, open_data
from aevum.plots import save_images

digits = open_data("digits")
cvae = CVAE(latent_dim=8, epochs=60, random_state=0).fit(digits.x, digits.y)
save_images(cvae.sample(10, y=7, random_state=0, mean=True), "sevens.png")

style = cvae.transform(digits.x[:10], digits.y[:10])  # what is left of a digit when its class is taken out
save_images(cvae.inverse_transform(style, y=3), "the-same-hands-writing-3.png")
print("wrote sevens.png and the-same-hands-writing-3.png")
