import { useData } from 'vitepress'
import DefaultTheme from 'vitepress/theme'
import { defineComponent, h } from 'vue'
import './style.css'

/** What to type first, on the front page's first screen: `start` of its front matter. */
const Start = defineComponent(() => {
  const { frontmatter } = useData()
  return () => {
    const { start } = frontmatter.value
    return start && h('div', { class: 'start' }, [h('pre', h('code', start.run)), h('p', start.shows)])
  }
})

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { 'home-hero-actions-after': () => h(Start) }),
}
